-- Raise a notice, or count up the open one of the same kind and key.
INSERT INTO notice (id, kind, key, title, text, link, permission, raised_at, last_at, times)
VALUES (gen_random_uuid(), %(kind)s, %(key)s, %(title)s, %(text)s, %(link)s, %(permission)s, %(now)s, %(now)s, 1)
ON CONFLICT (kind, key) WHERE resolved_at IS NULL DO UPDATE
SET title = excluded.title,
    text = excluded.text,
    link = excluded.link,
    permission = excluded.permission,
    last_at = greatest(notice.last_at, excluded.last_at),
    times = notice.times + 1
RETURNING id

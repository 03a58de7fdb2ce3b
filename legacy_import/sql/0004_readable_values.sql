-- Values that PostgreSQL holds but that nobody could read out of it again are refused: moments that some clock tells
-- outside the years 1 to 9999, JSON nested over 200 levels deep (PostgreSQL itself gives up beyond some thousands, Python
-- at about 1,000), and numbers in JSON with more than 254 digits or an exponent of four digits (Python refuses 4,300).

CREATE FUNCTION legacy_json_is_readable(plain text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH bare AS (
        SELECT regexp_replace(plain, '"(?:[^"\\]|\\.)*"', '""', 'g') AS json
    ), bracket AS (
        SELECT found.sign, found.place
        FROM bare, string_to_table(regexp_replace(bare.json, '[^][{}]+', '', 'g'), NULL)
            WITH ORDINALITY AS found(sign, place)
    ), level AS (
        SELECT sum(CASE WHEN sign IN ('[', '{') THEN 1 ELSE -1 END) OVER (ORDER BY place ROWS UNBOUNDED PRECEDING) AS depth
        FROM bracket
    )
    SELECT coalesce((SELECT max(depth) FROM level), 0) <= 200
        AND NOT EXISTS (SELECT FROM bare WHERE json ~ '[0-9]{255}|[eE][+-]?[0-9]{4}');
END;

-- A count of brackets and a look for long numbers first: only a suspicious text is examined.
CREATE OR REPLACE FUNCTION legacy_json(plain text) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN (
        octet_length(plain) > 200
            AND (octet_length(plain) - octet_length(translate(plain, '[{', '')) > 200 OR plain ~ '[0-9]{255}')
        OR plain ~ '[0-9][eE][+-]?[0-9]{4}'
    ) AND NOT legacy_json_is_readable(plain) THEN NULL
    WHEN pg_input_is_valid(plain, 'jsonb') THEN plain::jsonb
END;

-- Clocks differ from UTC by less than 16 hours.
CREATE FUNCTION legacy_readable_moment(moment timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN moment BETWEEN TIMESTAMPTZ '0001-01-01 16:00:00+00' AND TIMESTAMPTZ '9999-12-31 08:00:00+00' THEN moment
END;

-- A date alone means midnight by the legacy writers' clock, whatever clock the column keeps.
CREATE OR REPLACE FUNCTION legacy_timestamp(plain text, naive_zone text, date_zone text) RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET timezone = 'UTC'
AS $$
DECLARE
    part text[] := regexp_match(
        plain,
        '^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)\s?(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?$'
    );
BEGIN
    IF part IS NULL OR NOT pg_input_is_valid(part[1], 'date') THEN
        RETURN NULL;
    ELSIF part[2] IS NULL THEN
        RETURN legacy_readable_moment(part[1]::timestamp AT TIME ZONE date_zone);
    ELSIF NOT pg_input_is_valid(part[1] || ' ' || part[2], 'timestamp') THEN
        RETURN NULL;
    ELSIF part[3] IS NULL THEN
        RETURN legacy_readable_moment((part[1] || ' ' || part[2])::timestamp AT TIME ZONE naive_zone);
    ELSIF pg_input_is_valid(part[1] || ' ' || part[2] || part[3], 'timestamptz') THEN
        RETURN legacy_readable_moment((part[1] || ' ' || part[2] || part[3])::timestamptz);
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION legacy_date_and_clock(day text, clock text, zone text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN day ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' AND pg_input_is_valid(day, 'date')
        AND clock ~ '^(1[0-2]|0?[1-9]):[0-5][0-9] ?[AaPp][Mm]$'
        THEN legacy_readable_moment((day || ' ' || clock)::timestamp AT TIME ZONE zone)
END;

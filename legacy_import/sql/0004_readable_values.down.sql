CREATE OR REPLACE FUNCTION legacy_json(plain text) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN pg_input_is_valid(plain, 'jsonb') THEN plain::jsonb END;

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
        RETURN part[1]::timestamp AT TIME ZONE date_zone;
    ELSIF NOT pg_input_is_valid(part[1] || ' ' || part[2], 'timestamp') THEN
        RETURN NULL;
    ELSIF part[3] IS NULL THEN
        RETURN (part[1] || ' ' || part[2])::timestamp AT TIME ZONE naive_zone;
    ELSIF pg_input_is_valid(part[1] || ' ' || part[2] || part[3], 'timestamptz') THEN
        RETURN (part[1] || ' ' || part[2] || part[3])::timestamptz;
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION legacy_date_and_clock(day text, clock text, zone text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN day ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' AND pg_input_is_valid(day, 'date')
        AND clock ~ '^(1[0-2]|0?[1-9]):[0-5][0-9] ?[AaPp][Mm]$'
        THEN (day || ' ' || clock)::timestamp AT TIME ZONE zone
END;

DROP FUNCTION legacy_readable_moment(timestamptz);
DROP FUNCTION legacy_json_is_readable(text);

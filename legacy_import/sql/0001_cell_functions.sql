-- The strict readings of odd cells, used by the codecs. A tagged cell is E'\x01', its class (t text, i integer, r real,
-- b blob, x text that holds NUL or is no UTF-8), a colon and the payload. NULL means: refused.

CREATE FUNCTION legacy_text(cell text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN NOT starts_with(cell, E'\x01') THEN cell
    WHEN substr(cell, 2, 2) IN ('t:', 'i:', 'r:') THEN substr(cell, 4)
END;

CREATE FUNCTION legacy_integer(plain text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN plain ~ '^[+-]?[0-9]{1,15}(\.0+)?$' THEN
        CASE WHEN plain::numeric BETWEEN -2147483648 AND 2147483647 THEN plain::numeric::integer END
END;

CREATE FUNCTION legacy_decimal(plain text, digits integer, scale integer) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN plain ~ '^[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?$' THEN
        CASE
            WHEN abs(round(plain::numeric, scale)) < 10::numeric ^ (digits - scale)
                THEN round(plain::numeric, scale)
        END
END;

CREATE FUNCTION legacy_boolean(plain text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN lower(plain) IN ('1', 'true') THEN true
    WHEN lower(plain) IN ('0', 'false') THEN false
END;

CREATE FUNCTION legacy_json(plain text) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN pg_input_is_valid(plain, 'jsonb') THEN plain::jsonb END;

-- A date alone means midnight by the legacy writers' clock, whatever clock the column keeps.
CREATE FUNCTION legacy_timestamp(plain text, naive_zone text, date_zone text) RETURNS timestamptz
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

-- A date ('2025-01-20') and a twelve-hour clock ('7:00 AM') that say one moment together. NULL means: refused.

CREATE FUNCTION legacy_date_and_clock(day text, clock text, zone text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN day ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' AND pg_input_is_valid(day, 'date')
        AND clock ~ '^(1[0-2]|0?[1-9]):[0-5][0-9] ?[AaPp][Mm]$'
        THEN (day || ' ' || clock)::timestamp AT TIME ZONE zone
END;

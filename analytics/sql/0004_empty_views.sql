-- A view without data (restored in parts, or made WITH NO DATA) cannot be refreshed CONCURRENTLY, and neither can one whose
-- unique index is missing: these are filled by a plain refresh, the first time.
CREATE OR REPLACE FUNCTION refresh_analytics_views() RETURNS SETOF text
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    view_name text;
    can_be_concurrent boolean;
    as_of text;
BEGIN
    FOR view_name, can_be_concurrent IN
        SELECT v.matviewname, v.ispopulated AND EXISTS (
            SELECT FROM pg_index AS i
            WHERE i.indrelid = format('public.%I', v.matviewname)::regclass
                AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
        )
        FROM pg_matviews AS v
        WHERE v.schemaname = 'public'
        ORDER BY v.matviewname
    LOOP
        as_of := to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
        EXECUTE format(
            'REFRESH MATERIALIZED VIEW %s public.%I',
            CASE WHEN can_be_concurrent THEN 'CONCURRENTLY' ELSE '' END,
            view_name
        );
        EXECUTE format('COMMENT ON MATERIALIZED VIEW public.%I IS %L', view_name, 'refreshed ' || as_of);
        RETURN NEXT view_name;
    END LOOP;
END;
$$;

CREATE OR REPLACE FUNCTION materialized_view_ages()
RETURNS TABLE (view_name text, refreshed_at timestamptz, is_behind boolean)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    comment_time text;
    query text;
    is_filled boolean;
BEGIN
    FOR view_name, is_filled, query, comment_time IN
        SELECT
            matviewname,
            ispopulated,
            rtrim(definition, E'; \n'),
            substring(
                obj_description(format('public.%I', matviewname)::regclass, 'pg_class')
                FROM '^refreshed (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)$'
            )
        FROM pg_matviews
        WHERE schemaname = 'public'
        ORDER BY matviewname
    LOOP
        -- Somebody may have written a comment of their own.
        refreshed_at := CASE WHEN pg_input_is_valid(comment_time, 'timestamptz') THEN comment_time::timestamptz END;
        -- One without data cannot be read, and is behind whatever its query gives.
        is_behind := true;
        IF is_filled THEN
            EXECUTE format(
                'SELECT EXISTS ((%1$s) EXCEPT ALL TABLE public.%2$I) OR EXISTS (TABLE public.%2$I EXCEPT ALL (%1$s))',
                query,
                view_name
            ) INTO is_behind;
        END IF;
        RETURN NEXT;
    END LOOP;
END;
$$;

CREATE OR REPLACE FUNCTION refresh_revenue_views() RETURNS SETOF text
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    view_name text;
    as_of text;
BEGIN
    FOR view_name IN SELECT matviewname FROM pg_matviews WHERE schemaname = 'public' ORDER BY matviewname LOOP
        as_of := to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
        EXECUTE format('REFRESH MATERIALIZED VIEW CONCURRENTLY public.%I', view_name);
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
BEGIN
    FOR view_name, query, comment_time IN
        SELECT
            matviewname,
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
        EXECUTE format(
            'SELECT EXISTS ((%1$s) EXCEPT ALL TABLE public.%2$I) OR EXISTS (TABLE public.%2$I EXCEPT ALL (%1$s))',
            query,
            view_name
        ) INTO is_behind;
        RETURN NEXT;
    END LOOP;
END;
$$;

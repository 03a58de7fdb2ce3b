CREATE OR REPLACE FUNCTION refresh_business_core_views() RETURNS SETOF text
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    view_name text;
BEGIN
    FOR view_name IN SELECT matviewname FROM pg_matviews WHERE schemaname = 'public' ORDER BY matviewname LOOP
        EXECUTE format('REFRESH MATERIALIZED VIEW CONCURRENTLY public.%I', view_name);
        RETURN NEXT view_name;
    END LOOP;
END;
$$;

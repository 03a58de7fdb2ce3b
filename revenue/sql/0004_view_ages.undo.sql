DROP FUNCTION materialized_view_ages();

COMMENT ON MATERIALIZED VIEW revenue_pipeline_summary IS NULL;

CREATE OR REPLACE FUNCTION refresh_revenue_views() RETURNS SETOF text
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

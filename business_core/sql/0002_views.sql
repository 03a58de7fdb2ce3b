CREATE VIEW current_pipeline_summary AS
SELECT
    COUNT(*) AS total_inquiries,
    SUM(CASE WHEN status = 'new' THEN 1 ELSE 0 END) AS new_inquiries,
    SUM(estimated_value) AS total_pipeline_value,
    AVG(estimated_value) AS avg_deal_value
FROM consultation_inquiries
WHERE created_at >= CURRENT_DATE - INTERVAL '30 days';

-- Refreshes every materialized view of this database; a function can't reach into another one.
-- Each needs a unique index, or CONCURRENTLY refuses it. Returns their names.
CREATE FUNCTION refresh_business_core_views() RETURNS SETOF text
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

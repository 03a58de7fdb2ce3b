-- The specification says VIEW and then refreshes it: it is materialized, with the key that CONCURRENTLY needs.
CREATE MATERIALIZED VIEW revenue_pipeline_summary AS
SELECT
    customer_segment,
    COUNT(*) AS total_opportunities,
    SUM(revenue_potential) AS total_pipeline_value,
    AVG(confidence_score) AS avg_confidence,
    AVG(qualification_score) AS avg_qualification
FROM revenue_opportunities
WHERE status = 'active'
GROUP BY customer_segment;

CREATE UNIQUE INDEX ON revenue_pipeline_summary (customer_segment);

-- Refreshes every materialized view of this database; a function can't reach into another one.
-- Each needs a unique index, or CONCURRENTLY refuses it. Returns their names.
CREATE FUNCTION refresh_revenue_views() RETURNS SETOF text
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

DROP FUNCTION refresh_revenue_views();
DROP MATERIALIZED VIEW revenue_pipeline_summary;

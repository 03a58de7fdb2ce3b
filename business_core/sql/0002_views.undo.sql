DROP FUNCTION refresh_business_core_views();
DROP VIEW current_pipeline_summary;

DROP FUNCTION refresh_analytics_views();
DROP MATERIALIZED VIEW top_performing_patterns;

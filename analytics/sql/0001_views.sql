CREATE MATERIALIZED VIEW top_performing_patterns AS
SELECT
    pattern_type,
    pattern_value,
    avg_engagement_rate,
    avg_consultation_conversion,
    sample_size,
    confidence_score
FROM content_patterns
WHERE confidence_score >= 0.85
  AND sample_size >= 10
ORDER BY avg_consultation_conversion DESC, avg_engagement_rate DESC;

CREATE UNIQUE INDEX ON top_performing_patterns (pattern_type, pattern_value);

-- Refreshes every materialized view of this database; a function can't reach into another one.
-- Each needs a unique index, or CONCURRENTLY refuses it. Returns their names.
CREATE FUNCTION refresh_analytics_views() RETURNS SETOF text
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

-- A view without data (restored in parts, or made WITH NO DATA) cannot be refreshed CONCURRENTLY, and neither can one whose
-- unique index is missing: these are filled by a plain refresh, the first time.
CREATE OR REPLACE FUNCTION refresh_business_core_views() RETURNS SETOF text
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    view_name text;
    can_be_concurrent boolean;
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
        EXECUTE format(
            'REFRESH MATERIALIZED VIEW %s public.%I',
            CASE WHEN can_be_concurrent THEN 'CONCURRENTLY' ELSE '' END,
            view_name
        );
        RETURN NEXT view_name;
    END LOOP;
END;
$$;

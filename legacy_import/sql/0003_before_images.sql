-- Keeps what a run of the import found before it changed its own tables. The triggers fire once per statement, and only
-- while synapse.import_run is set. The first image of a row wins; a ledger row that this very run made needs none.

CREATE FUNCTION before_image_of_changes() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    run uuid := nullif(current_setting('synapse.import_run', true), '')::uuid;
BEGIN
    IF run IS NOT NULL THEN
        INSERT INTO before_image (run_id, table_name, row_key, old)
        SELECT run, TG_TABLE_NAME, image ->> TG_ARGV[0], image
        FROM (SELECT to_jsonb(before) AS image FROM before) AS images
        WHERE TG_TABLE_NAME <> 'ledger' OR (image ->> 'run_id')::uuid <> run
        ON CONFLICT (run_id, table_name, row_key) DO NOTHING;
    END IF;
    RETURN NULL;
END;
$$;

CREATE FUNCTION before_image_of_additions() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    run uuid := nullif(current_setting('synapse.import_run', true), '')::uuid;
BEGIN
    IF run IS NOT NULL THEN
        INSERT INTO before_image (run_id, table_name, row_key, old)
        SELECT run, TG_TABLE_NAME, to_jsonb(after) ->> TG_ARGV[0], NULL FROM after
        ON CONFLICT (run_id, table_name, row_key) DO NOTHING;
    END IF;
    RETURN NULL;
END;
$$;

CREATE TRIGGER before_image_update AFTER UPDATE ON ledger REFERENCING OLD TABLE AS before
FOR EACH STATEMENT EXECUTE FUNCTION before_image_of_changes('id');
CREATE TRIGGER before_image_delete AFTER DELETE ON ledger REFERENCING OLD TABLE AS before
FOR EACH STATEMENT EXECUTE FUNCTION before_image_of_changes('id');

CREATE TRIGGER before_image_insert AFTER INSERT ON divergence REFERENCING NEW TABLE AS after
FOR EACH STATEMENT EXECUTE FUNCTION before_image_of_additions('id');
CREATE TRIGGER before_image_update AFTER UPDATE ON divergence REFERENCING OLD TABLE AS before
FOR EACH STATEMENT EXECUTE FUNCTION before_image_of_changes('id');
CREATE TRIGGER before_image_delete AFTER DELETE ON divergence REFERENCING OLD TABLE AS before
FOR EACH STATEMENT EXECUTE FUNCTION before_image_of_changes('id');

CREATE TRIGGER before_image_insert AFTER INSERT ON legacy_file REFERENCING NEW TABLE AS after
FOR EACH STATEMENT EXECUTE FUNCTION before_image_of_additions('source');
CREATE TRIGGER before_image_update AFTER UPDATE ON legacy_file REFERENCING OLD TABLE AS before
FOR EACH STATEMENT EXECUTE FUNCTION before_image_of_changes('source');
CREATE TRIGGER before_image_delete AFTER DELETE ON legacy_file REFERENCING OLD TABLE AS before
FOR EACH STATEMENT EXECUTE FUNCTION before_image_of_changes('source');

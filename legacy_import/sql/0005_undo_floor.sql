-- Runs that ended before before-images were kept cannot be undone: the newest of them is marked as forgotten.
INSERT INTO before_image (run_id, table_name, row_key)
SELECT id, 'forgotten', '' FROM import_run WHERE finished_at IS NOT NULL ORDER BY finished_at DESC LIMIT 1;

-- Django 5.2 makes no foreign key with an ON DELETE action in the database.
ALTER TABLE test_variants
    ADD CONSTRAINT test_variants_test_id_fkey
    FOREIGN KEY (test_id) REFERENCES ab_tests (test_id) ON DELETE CASCADE;

ALTER TABLE platform_adaptations
    ADD CONSTRAINT platform_adaptations_content_id_fkey
    FOREIGN KEY (content_id) REFERENCES content_pieces (content_id) ON DELETE CASCADE;

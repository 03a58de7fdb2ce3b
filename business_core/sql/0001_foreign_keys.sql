-- Django 5.2 makes no foreign key with an ON DELETE action in the database.
ALTER TABLE consultation_inquiries
    ADD CONSTRAINT consultation_inquiries_source_post_id_fkey
    FOREIGN KEY (source_post_id) REFERENCES posts (post_id) ON DELETE SET NULL;

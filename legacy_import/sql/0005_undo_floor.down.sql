DELETE FROM before_image WHERE table_name = 'forgotten';

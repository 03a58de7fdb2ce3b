CALL change_log_attach('posts', 'post_id');
CALL change_log_attach('consultation_inquiries', 'inquiry_id');
CALL change_log_attach('business_pipeline', 'pipeline_id');

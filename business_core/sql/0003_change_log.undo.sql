CALL change_log_detach('business_pipeline');
CALL change_log_detach('consultation_inquiries');
CALL change_log_detach('posts');

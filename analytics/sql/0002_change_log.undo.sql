CALL change_log_detach('attribution_tracking');
CALL change_log_detach('performance_predictions');
CALL change_log_detach('content_patterns');
CALL change_log_detach('content_analysis');

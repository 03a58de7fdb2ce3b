CALL change_log_attach('content_analysis', 'analysis_id');
CALL change_log_attach('content_patterns', 'pattern_id');
CALL change_log_attach('performance_predictions', 'prediction_id');
CALL change_log_attach('attribution_tracking', 'tracking_id');

CALL change_log_detach('platform_adaptations');
CALL change_log_detach('content_pieces');
CALL change_log_detach('content_recommendations');
CALL change_log_detach('test_variants');
CALL change_log_detach('ab_tests');
CALL change_log_detach('revenue_opportunities');

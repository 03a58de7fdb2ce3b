CALL change_log_attach('revenue_opportunities', 'opportunity_id');
CALL change_log_attach('ab_tests', 'test_id');
CALL change_log_attach('test_variants', 'variant_id');
CALL change_log_attach('content_recommendations', 'recommendation_id');
CALL change_log_attach('content_pieces', 'content_id');
CALL change_log_attach('platform_adaptations', 'adaptation_id');

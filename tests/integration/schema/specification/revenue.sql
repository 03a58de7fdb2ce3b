-- Revenue Opportunities (lead scoring and qualification)
CREATE TABLE revenue_opportunities (
    opportunity_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    lead_source TEXT NOT NULL,
    customer_segment TEXT NOT NULL,
    
    -- Revenue Projections
    revenue_potential DECIMAL(10,2) NOT NULL,
    confidence_score DECIMAL(5,4) NOT NULL,
    qualification_score INTEGER NOT NULL,
    
    -- Engagement Data (stored as JSONB)
    engagement_history JSONB,
    
    -- Recommendations
    recommended_offering TEXT,
    next_action TEXT,
    
    -- Status
    status TEXT DEFAULT 'active',
    
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP
);

-- A/B Testing Framework (consolidated ab_testing)
CREATE TABLE ab_tests (
    test_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    test_name TEXT NOT NULL,
    hypothesis TEXT NOT NULL,
    element_type TEXT NOT NULL,
    
    -- Test Configuration
    start_date TIMESTAMPTZ NOT NULL,
    end_date TIMESTAMPTZ,
    status TEXT DEFAULT 'active',
    traffic_split DECIMAL(3,2) DEFAULT 0.5,
    
    -- Statistical Configuration
    minimum_sample_size INTEGER DEFAULT 100,
    confidence_threshold DECIMAL(3,2) DEFAULT 0.95,
    
    -- Results
    winning_variant TEXT,
    improvement_rate DECIMAL(5,4) DEFAULT 0.0,
    statistical_significance DECIMAL(5,4) DEFAULT 0.0,
    
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE test_variants (
    variant_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    test_id UUID REFERENCES ab_tests(test_id) ON DELETE CASCADE,
    variant_name TEXT NOT NULL,
    element_type TEXT NOT NULL,
    content TEXT NOT NULL,
    expected_metric TEXT NOT NULL,
    
    -- Performance Metrics
    impressions INTEGER DEFAULT 0,
    engagement_actions INTEGER DEFAULT 0,
    consultation_requests INTEGER DEFAULT 0,
    engagement_rate DECIMAL(5,4) DEFAULT 0.0,
    consultation_conversion DECIMAL(5,4) DEFAULT 0.0,
    sample_size INTEGER DEFAULT 0,
    confidence_level DECIMAL(5,4) DEFAULT 0.0,
    
    -- Results
    is_winner BOOLEAN DEFAULT false,
    
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    
    UNIQUE(test_id, variant_name)
);

-- Content Intelligence (AI-driven content recommendations)
CREATE TABLE content_recommendations (
    recommendation_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    recommendation_type TEXT NOT NULL,
    content_topic TEXT NOT NULL,
    target_audience TEXT NOT NULL,
    
    -- Performance Projections (stored as JSONB)
    expected_performance JSONB NOT NULL,
    reasoning TEXT NOT NULL,
    priority_score DECIMAL(5,4) NOT NULL,
    
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP
);

-- Cross-Platform Content Strategy
CREATE TABLE content_pieces (
    content_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    original_content TEXT NOT NULL,
    business_objective TEXT,
    target_audience TEXT,
    
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE platform_adaptations (
    adaptation_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    content_id UUID REFERENCES content_pieces(content_id) ON DELETE CASCADE,
    platform TEXT NOT NULL,
    adapted_content TEXT NOT NULL,
    scheduled_time TIMESTAMPTZ,
    post_id TEXT,
    status TEXT DEFAULT 'draft',
    
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP
);

-- Revenue Intelligence Indexes
CREATE INDEX CONCURRENTLY idx_opportunities_segment_revenue ON revenue_opportunities (customer_segment, revenue_potential DESC);
CREATE INDEX CONCURRENTLY idx_opportunities_status_created ON revenue_opportunities (status, created_at DESC);
CREATE INDEX CONCURRENTLY idx_tests_status_dates ON ab_tests (status, start_date DESC);
CREATE INDEX CONCURRENTLY idx_variants_test_performance ON test_variants (test_id, consultation_conversion DESC);
CREATE INDEX CONCURRENTLY idx_recommendations_priority ON content_recommendations (priority_score DESC);
CREATE INDEX CONCURRENTLY idx_adaptations_content_platform ON platform_adaptations (content_id, platform);

-- Revenue Analytics View
CREATE VIEW revenue_pipeline_summary AS
SELECT 
    customer_segment,
    COUNT(*) as total_opportunities,
    SUM(revenue_potential) as total_pipeline_value,
    AVG(confidence_score) as avg_confidence,
    AVG(qualification_score) as avg_qualification
FROM revenue_opportunities 
WHERE status = 'active'
GROUP BY customer_segment;

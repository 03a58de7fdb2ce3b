-- Content Analysis (consolidated from content_analysis tables)
CREATE TABLE content_analysis (
    analysis_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    post_id TEXT NOT NULL, -- References external_post_id from business_core
    
    -- Content Metrics
    word_count INTEGER NOT NULL,
    emoji_count INTEGER DEFAULT 0,
    hashtag_count INTEGER DEFAULT 0,
    question_count INTEGER DEFAULT 0,
    data_points INTEGER DEFAULT 0,
    
    -- Content Classification
    hook_type TEXT NOT NULL,
    cta_type TEXT NOT NULL,
    topic_category TEXT NOT NULL,
    
    -- Scoring (1-5 scales with constraints)
    technical_depth INTEGER CHECK (technical_depth BETWEEN 1 AND 5),
    business_focus INTEGER CHECK (business_focus BETWEEN 1 AND 5),
    controversy_score INTEGER CHECK (controversy_score BETWEEN 1 AND 5),
    
    -- Boolean Flags
    personal_story BOOLEAN DEFAULT false,
    code_snippets BOOLEAN DEFAULT false,
    
    -- System Fields
    data_source TEXT NOT NULL,
    analyzed_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP
);

-- Performance Patterns (ML-driven insights)
CREATE TABLE content_patterns (
    pattern_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    pattern_type TEXT NOT NULL,
    pattern_value TEXT NOT NULL,
    
    -- Performance Metrics
    avg_engagement_rate DECIMAL(5,4) NOT NULL,
    avg_consultation_conversion DECIMAL(5,4) NOT NULL,
    sample_size INTEGER NOT NULL,
    confidence_score DECIMAL(5,4) NOT NULL,
    
    -- Insights
    recommendation TEXT,
    
    -- System Fields
    identified_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    
    UNIQUE(pattern_type, pattern_value)
);

-- Performance Predictions (ML predictions)
CREATE TABLE performance_predictions (
    prediction_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    post_id TEXT NOT NULL,
    
    -- Predictions
    predicted_engagement_rate DECIMAL(5,4) NOT NULL,
    predicted_consultation_requests INTEGER NOT NULL,
    confidence_lower DECIMAL(5,4) NOT NULL,
    confidence_upper DECIMAL(5,4) NOT NULL,
    
    -- ML Insights (JSON stored as JSONB for better performance)
    key_factors JSONB NOT NULL,
    recommendations JSONB NOT NULL,
    
    -- Validation (populated after actual results)
    actual_engagement_rate DECIMAL(5,4),
    actual_consultation_requests INTEGER,
    prediction_accuracy DECIMAL(5,4),
    
    -- System Fields
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    validated_at TIMESTAMPTZ
);

-- Cross-Platform Attribution (consolidated attribution tracking)
CREATE TABLE attribution_tracking (
    tracking_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    content_id TEXT NOT NULL,
    platform TEXT NOT NULL,
    touchpoint TEXT NOT NULL,
    
    -- User Tracking
    user_id TEXT,
    session_id TEXT,
    
    -- Business Metrics
    value DECIMAL(10,2) DEFAULT 0.0,
    metadata JSONB,
    
    -- Processing Status
    processed BOOLEAN DEFAULT false,
    
    timestamp TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP
);

-- Performance Indexes for Analytics Workloads
CREATE INDEX CONCURRENTLY idx_content_analysis_post_id ON content_analysis (post_id);
CREATE INDEX CONCURRENTLY idx_content_analysis_hook_topic ON content_analysis (hook_type, topic_category);
CREATE INDEX CONCURRENTLY idx_content_analysis_scoring ON content_analysis (technical_depth, business_focus, controversy_score);
CREATE INDEX CONCURRENTLY idx_patterns_type_confidence ON content_patterns (pattern_type, confidence_score DESC);
CREATE INDEX CONCURRENTLY idx_patterns_engagement_desc ON content_patterns (avg_engagement_rate DESC);
CREATE INDEX CONCURRENTLY idx_predictions_post_accuracy ON performance_predictions (post_id, prediction_accuracy DESC NULLS LAST);
CREATE INDEX CONCURRENTLY idx_attribution_content_platform ON attribution_tracking (content_id, platform);

-- Analytics Performance View
CREATE MATERIALIZED VIEW top_performing_patterns AS
SELECT 
    pattern_type,
    pattern_value,
    avg_engagement_rate,
    avg_consultation_conversion,
    sample_size,
    confidence_score
FROM content_patterns 
WHERE confidence_score >= 0.85 
  AND sample_size >= 10
ORDER BY avg_consultation_conversion DESC, avg_engagement_rate DESC;

CREATE UNIQUE INDEX ON top_performing_patterns (pattern_type, pattern_value);

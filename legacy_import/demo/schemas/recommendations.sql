CREATE TABLE content_insights (
    insight_id TEXT PRIMARY KEY,
    post_id TEXT,
    insight_type TEXT,
    insight_data TEXT,  -- JSON
    confidence_score REAL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE audience_intelligence (
    analysis_id TEXT PRIMARY KEY,
    audience_segment TEXT,
    content_preferences TEXT,  -- JSON
    engagement_patterns TEXT,  -- JSON
    business_potential REAL,
    recommendations TEXT,  -- JSON
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE content_recommendations (
    recommendation_id TEXT PRIMARY KEY,
    recommendation_type TEXT,
    content_topic TEXT,
    target_audience TEXT,
    expected_performance TEXT,  -- JSON
    reasoning TEXT,
    priority_score REAL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE content_patterns (
    pattern_id TEXT PRIMARY KEY,
    pattern_type TEXT NOT NULL,
    pattern_value TEXT NOT NULL,
    avg_engagement_rate REAL NOT NULL,
    avg_consultation_conversion REAL NOT NULL,
    sample_size INTEGER NOT NULL,
    confidence_score REAL NOT NULL,
    recommendation TEXT,
    identified_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE performance_predictions (
    prediction_id TEXT PRIMARY KEY,
    post_id TEXT NOT NULL,
    predicted_engagement_rate REAL NOT NULL,
    predicted_consultation_requests INTEGER NOT NULL,
    confidence_lower REAL NOT NULL,
    confidence_upper REAL NOT NULL,
    key_factors TEXT NOT NULL,  -- JSON array
    recommendations TEXT NOT NULL,  -- JSON array
    actual_engagement_rate REAL DEFAULT NULL,
    actual_consultation_requests INTEGER DEFAULT NULL,
    prediction_accuracy REAL DEFAULT NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    validated_at TIMESTAMP DEFAULT NULL
);

CREATE TABLE content_analysis (
    analysis_id TEXT PRIMARY KEY,
    post_id TEXT NOT NULL,
    word_count INTEGER NOT NULL,
    hook_type TEXT NOT NULL,
    cta_type TEXT NOT NULL,
    topic_category TEXT NOT NULL,
    technical_depth INTEGER NOT NULL CHECK (technical_depth BETWEEN 1 AND 5),
    business_focus INTEGER NOT NULL CHECK (business_focus BETWEEN 1 AND 5),
    controversy_score INTEGER NOT NULL CHECK (controversy_score BETWEEN 1 AND 5),
    emoji_count INTEGER NOT NULL,
    hashtag_count INTEGER NOT NULL,
    question_count INTEGER NOT NULL,
    personal_story BOOLEAN NOT NULL,
    data_points INTEGER NOT NULL,
    code_snippets BOOLEAN NOT NULL,
    analyzed_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE performance_metrics_agg (
    metric_id TEXT PRIMARY KEY,
    metric_type TEXT NOT NULL,  -- daily, weekly, monthly
    metric_date TEXT NOT NULL,  -- ISO date string
    total_posts INTEGER NOT NULL,
    avg_engagement_rate REAL NOT NULL,
    total_consultations INTEGER NOT NULL,
    top_performing_pattern TEXT,
    calculated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE INDEX idx_patterns_type_confidence ON content_patterns (pattern_type, confidence_score DESC);
CREATE INDEX idx_patterns_engagement ON content_patterns (avg_engagement_rate DESC);
CREATE INDEX idx_patterns_consultation ON content_patterns (avg_consultation_conversion DESC);
CREATE INDEX idx_patterns_identified ON content_patterns (identified_at DESC);
CREATE INDEX idx_predictions_post ON performance_predictions (post_id);
CREATE INDEX idx_predictions_accuracy ON performance_predictions (prediction_accuracy DESC);
CREATE INDEX idx_predictions_created ON performance_predictions (created_at DESC);
CREATE INDEX idx_analysis_post ON content_analysis (post_id);
CREATE INDEX idx_analysis_hook_topic ON content_analysis (hook_type, topic_category);
CREATE INDEX idx_analysis_technical ON content_analysis (technical_depth, business_focus);
CREATE INDEX idx_analysis_date ON content_analysis (analyzed_at DESC);
CREATE INDEX idx_metrics_type_date ON performance_metrics_agg (metric_type, metric_date DESC);
CREATE INDEX idx_metrics_engagement ON performance_metrics_agg (avg_engagement_rate DESC);
CREATE INDEX idx_patterns_composite ON content_patterns (pattern_type, avg_engagement_rate DESC, sample_size);
CREATE INDEX idx_analysis_composite ON content_analysis (hook_type, cta_type, topic_category);

-- The legacy code runs ANALYZE on the empty file: sqlite_stat1 exists and has no rows.
ANALYZE;

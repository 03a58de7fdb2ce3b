CREATE TABLE content_patterns (
    pattern_id TEXT PRIMARY KEY,
    pattern_type TEXT,
    pattern_value TEXT,
    avg_engagement_rate REAL,
    avg_consultation_conversion REAL,
    sample_size INTEGER,
    confidence_score REAL,
    recommendation TEXT,
    identified_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE performance_predictions (
    prediction_id TEXT PRIMARY KEY,
    post_id TEXT,
    predicted_engagement_rate REAL,
    predicted_consultation_requests INTEGER,
    confidence_lower REAL,
    confidence_upper REAL,
    key_factors TEXT,  -- JSON array
    recommendations TEXT,  -- JSON array
    actual_engagement_rate REAL DEFAULT NULL,
    actual_consultation_requests INTEGER DEFAULT NULL,
    prediction_accuracy REAL DEFAULT NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE content_analysis (
    analysis_id TEXT PRIMARY KEY,
    post_id TEXT,
    word_count INTEGER,
    hook_type TEXT,
    cta_type TEXT,
    topic_category TEXT,
    technical_depth INTEGER,  -- 1-5 scale
    business_focus INTEGER,   -- 1-5 scale
    controversy_score INTEGER, -- 1-5 scale
    emoji_count INTEGER,
    hashtag_count INTEGER,
    question_count INTEGER,
    personal_story BOOLEAN,
    data_points INTEGER,
    code_snippets BOOLEAN,
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

CREATE TABLE content_pieces (
    content_id TEXT PRIMARY KEY,
    original_content TEXT NOT NULL,
    business_objective TEXT,
    target_audience TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE platform_adaptations (
    adaptation_id TEXT PRIMARY KEY,
    content_id TEXT NOT NULL,
    platform TEXT NOT NULL,
    adapted_content TEXT NOT NULL,
    scheduled_time TIMESTAMP,
    post_id TEXT,
    status TEXT DEFAULT 'draft',
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (content_id) REFERENCES content_pieces (content_id)
);

CREATE TABLE cross_platform_metrics (
    metric_id TEXT PRIMARY KEY,
    content_id TEXT NOT NULL,
    platform TEXT NOT NULL,
    impressions INTEGER DEFAULT 0,
    engagement INTEGER DEFAULT 0,
    clicks INTEGER DEFAULT 0,
    conversions INTEGER DEFAULT 0,
    engagement_rate REAL DEFAULT 0.0,
    ctr REAL DEFAULT 0.0,
    conversion_rate REAL DEFAULT 0.0,
    recorded_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (content_id) REFERENCES content_pieces (content_id)
);

CREATE TABLE content_strategies (
    strategy_id TEXT PRIMARY KEY,
    content_id TEXT NOT NULL,
    primary_platform TEXT NOT NULL,
    secondary_platforms TEXT,  -- JSON array
    timing_strategy TEXT,  -- JSON object
    adaptation_notes TEXT,
    cross_promotion BOOLEAN DEFAULT TRUE,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (content_id) REFERENCES content_pieces (content_id)
);

CREATE INDEX idx_content_created ON content_pieces (created_at DESC);
CREATE INDEX idx_adaptations_content ON platform_adaptations (content_id);
CREATE INDEX idx_adaptations_platform ON platform_adaptations (platform, status);
CREATE INDEX idx_metrics_content ON cross_platform_metrics (content_id, platform);
CREATE INDEX idx_strategies_content ON content_strategies (content_id);

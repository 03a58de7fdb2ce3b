CREATE TABLE attribution_tracking (
    tracking_id TEXT PRIMARY KEY,
    content_id TEXT NOT NULL,
    platform TEXT NOT NULL,
    touchpoint TEXT NOT NULL,
    user_id TEXT,
    session_id TEXT,
    timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    value REAL DEFAULT 0.0,
    metadata TEXT,  -- JSON
    processed BOOLEAN DEFAULT FALSE
);

CREATE TABLE conversion_paths (
    path_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    content_id TEXT NOT NULL,
    touchpoints TEXT NOT NULL,  -- JSON array
    conversion_value REAL NOT NULL,
    conversion_type TEXT NOT NULL,
    journey_start TIMESTAMP NOT NULL,
    journey_end TIMESTAMP NOT NULL,
    attribution_weights TEXT  -- JSON
);

CREATE TABLE cross_platform_performance (
    performance_id TEXT PRIMARY KEY,
    content_id TEXT NOT NULL,
    platform TEXT NOT NULL,
    date TEXT NOT NULL,
    impressions INTEGER DEFAULT 0,
    clicks INTEGER DEFAULT 0,
    engagements INTEGER DEFAULT 0,
    conversions INTEGER DEFAULT 0,
    revenue REAL DEFAULT 0.0,
    assisted_conversions INTEGER DEFAULT 0,
    attribution_revenue REAL DEFAULT 0.0,
    calculated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE platform_interactions (
    interaction_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    from_platform TEXT NOT NULL,
    to_platform TEXT NOT NULL,
    content_id TEXT NOT NULL,
    interaction_type TEXT NOT NULL,
    time_between_seconds INTEGER,
    recorded_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE INDEX idx_attribution_content ON attribution_tracking (content_id, platform);
CREATE INDEX idx_attribution_user ON attribution_tracking (user_id, timestamp);
CREATE INDEX idx_conversion_paths_user ON conversion_paths (user_id, content_id);
CREATE INDEX idx_performance_content_date ON cross_platform_performance (content_id, date);
CREATE INDEX idx_interactions_user ON platform_interactions (user_id, recorded_at);

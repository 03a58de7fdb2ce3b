CREATE TABLE posts (
    post_id TEXT PRIMARY KEY,
    date TEXT NOT NULL,
    day_of_week TEXT NOT NULL,
    content_type TEXT NOT NULL,
    signature_series TEXT,
    headline TEXT NOT NULL,
    platform TEXT NOT NULL,
    posting_time TEXT NOT NULL,
    views INTEGER DEFAULT 0,
    likes INTEGER DEFAULT 0,
    comments INTEGER DEFAULT 0,
    shares INTEGER DEFAULT 0,
    saves INTEGER DEFAULT 0,
    engagement_rate REAL DEFAULT 0.0,
    profile_views INTEGER DEFAULT 0,
    connection_requests INTEGER DEFAULT 0,
    consultation_inquiries INTEGER DEFAULT 0,
    discovery_calls INTEGER DEFAULT 0,
    click_through_rate REAL DEFAULT 0.0,
    comment_quality_score REAL DEFAULT 0.0,
    business_relevance_score REAL DEFAULT 0.0,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE weekly_performance (
    week_number INTEGER PRIMARY KEY,
    start_date TEXT NOT NULL,
    quarter TEXT NOT NULL,
    theme TEXT NOT NULL,
    total_posts INTEGER DEFAULT 0,
    total_views INTEGER DEFAULT 0,
    total_engagement INTEGER DEFAULT 0,
    avg_engagement_rate REAL DEFAULT 0.0,
    total_profile_views INTEGER DEFAULT 0,
    total_connections INTEGER DEFAULT 0,
    total_inquiries INTEGER DEFAULT 0,
    total_discovery_calls INTEGER DEFAULT 0,
    best_performing_post TEXT,
    best_engagement_rate REAL DEFAULT 0.0,
    optimal_posting_time TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE business_pipeline (
    inquiry_id TEXT PRIMARY KEY,
    source_post_id TEXT,
    inquiry_date TEXT NOT NULL,
    inquiry_type TEXT NOT NULL,
    company_size TEXT,
    industry TEXT,
    project_value REAL,
    status TEXT DEFAULT 'new',
    notes TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (source_post_id) REFERENCES posts (post_id)
);

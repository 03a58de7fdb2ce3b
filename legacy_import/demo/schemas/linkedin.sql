CREATE TABLE linkedin_posts (
    post_id TEXT PRIMARY KEY,
    content TEXT,
    posted_at TEXT,
    week_theme TEXT,
    day TEXT,
    target_audience TEXT,
    business_objective TEXT,
    expected_engagement_rate REAL,
    expected_consultation_inquiries INTEGER,

    -- Real performance metrics
    impressions INTEGER DEFAULT 0,
    views INTEGER DEFAULT 0,
    likes INTEGER DEFAULT 0,
    comments INTEGER DEFAULT 0,
    shares INTEGER DEFAULT 0,
    saves INTEGER DEFAULT 0,
    clicks INTEGER DEFAULT 0,

    -- Business development metrics
    profile_views INTEGER DEFAULT 0,
    connection_requests INTEGER DEFAULT 0,
    dm_inquiries INTEGER DEFAULT 0,
    consultation_requests INTEGER DEFAULT 0,

    -- Calculated metrics
    actual_engagement_rate REAL DEFAULT 0.0,
    business_conversion_rate REAL DEFAULT 0.0,
    roi_score REAL DEFAULT 0.0,

    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE consultation_inquiries (
    inquiry_id TEXT PRIMARY KEY,
    source_post_id TEXT,
    contact_name TEXT,
    company TEXT,
    company_size TEXT,
    inquiry_type TEXT,
    inquiry_channel TEXT,
    inquiry_text TEXT,
    estimated_value INTEGER,
    priority_score INTEGER,
    status TEXT,
    created_at TEXT,
    last_contact TEXT,
    notes TEXT,
    FOREIGN KEY (source_post_id) REFERENCES linkedin_posts (post_id)
);

CREATE TABLE business_pipeline (
    pipeline_id TEXT PRIMARY KEY,
    month TEXT,
    total_posts INTEGER,
    total_impressions INTEGER,
    total_engagement INTEGER,
    total_inquiries INTEGER,
    discovery_calls INTEGER,
    proposals_sent INTEGER,
    contracts_won INTEGER,
    revenue_generated INTEGER,
    pipeline_value INTEGER,
    conversion_rate REAL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

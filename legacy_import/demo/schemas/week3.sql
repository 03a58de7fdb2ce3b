CREATE TABLE week3_posts (
    post_id TEXT PRIMARY KEY,
    date TEXT NOT NULL,
    day TEXT NOT NULL,
    title TEXT NOT NULL,
    series TEXT NOT NULL,
    posting_time TEXT NOT NULL,
    business_dev_focus TEXT NOT NULL,
    target_consultation_type TEXT NOT NULL,
    views INTEGER DEFAULT 0,
    likes INTEGER DEFAULT 0,
    comments INTEGER DEFAULT 0,
    shares INTEGER DEFAULT 0,
    saves INTEGER DEFAULT 0,
    engagement_rate REAL DEFAULT 0.0,
    profile_views INTEGER DEFAULT 0,
    connection_requests INTEGER DEFAULT 0,
    consultation_inquiries INTEGER DEFAULT 0,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE consultation_inquiries (
    inquiry_id TEXT PRIMARY KEY,
    source_post_id TEXT,
    inquiry_date TEXT NOT NULL,
    inquiry_type TEXT NOT NULL,
    company_name TEXT,
    contact_name TEXT,
    company_size TEXT,
    inquiry_details TEXT,
    estimated_value REAL,
    status TEXT DEFAULT 'new',
    notes TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (source_post_id) REFERENCES week3_posts (post_id)
);

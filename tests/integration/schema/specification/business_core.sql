-- Unified Posts Table (consolidates linkedin_posts + week3_posts)
CREATE TABLE posts (
    post_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    external_post_id TEXT UNIQUE NOT NULL, -- Original post_id from SQLite
    content TEXT NOT NULL,
    posted_at TIMESTAMPTZ NOT NULL,
    platform TEXT NOT NULL DEFAULT 'linkedin',
    
    -- Business Context
    week_theme TEXT,
    day_of_week TEXT,
    business_objective TEXT,
    target_audience TEXT,
    target_consultation_type TEXT,
    
    -- Performance Metrics
    views INTEGER DEFAULT 0,
    impressions INTEGER DEFAULT 0,
    likes INTEGER DEFAULT 0,
    comments INTEGER DEFAULT 0,
    shares INTEGER DEFAULT 0,
    saves INTEGER DEFAULT 0,
    clicks INTEGER DEFAULT 0,
    
    -- Business Development Metrics
    profile_views INTEGER DEFAULT 0,
    connection_requests INTEGER DEFAULT 0,
    dm_inquiries INTEGER DEFAULT 0,
    consultation_requests INTEGER DEFAULT 0,
    
    -- Calculated Metrics (with proper data types)
    actual_engagement_rate DECIMAL(5,4) DEFAULT 0.0,
    business_conversion_rate DECIMAL(5,4) DEFAULT 0.0,
    roi_score DECIMAL(8,2) DEFAULT 0.0,
    
    -- System Fields
    data_source TEXT NOT NULL, -- 'linkedin_primary', 'linkedin_duplicate', 'week3'
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP
);

-- Consultation Inquiries (consolidated from multiple sources)
CREATE TABLE consultation_inquiries (
    inquiry_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    external_inquiry_id TEXT UNIQUE NOT NULL,
    source_post_id UUID REFERENCES posts(post_id) ON DELETE SET NULL,
    
    -- Contact Information
    contact_name TEXT NOT NULL,
    company TEXT,
    company_size TEXT,
    industry TEXT,
    
    -- Inquiry Details
    inquiry_type TEXT NOT NULL,
    inquiry_channel TEXT NOT NULL,
    inquiry_text TEXT,
    inquiry_details TEXT,
    
    -- Business Qualification
    estimated_value DECIMAL(10,2),
    priority_score INTEGER,
    qualification_score INTEGER,
    
    -- Status Tracking
    status TEXT DEFAULT 'new',
    last_contact TIMESTAMPTZ,
    notes TEXT,
    
    -- System Fields
    data_source TEXT NOT NULL,
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP
);

-- Business Pipeline Aggregation
CREATE TABLE business_pipeline (
    pipeline_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    month TEXT NOT NULL,
    
    -- Activity Metrics
    total_posts INTEGER DEFAULT 0,
    total_impressions INTEGER DEFAULT 0,
    total_engagement INTEGER DEFAULT 0,
    
    -- Business Metrics
    total_inquiries INTEGER DEFAULT 0,
    discovery_calls INTEGER DEFAULT 0,
    proposals_sent INTEGER DEFAULT 0,
    contracts_won INTEGER DEFAULT 0,
    
    -- Financial Metrics
    revenue_generated DECIMAL(12,2) DEFAULT 0.0,
    pipeline_value DECIMAL(12,2) DEFAULT 0.0,
    conversion_rate DECIMAL(5,4) DEFAULT 0.0,
    
    created_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMPTZ DEFAULT CURRENT_TIMESTAMP,
    
    UNIQUE(month)
);

-- Performance-Optimized Indexes
CREATE INDEX CONCURRENTLY idx_posts_posted_at_desc ON posts (posted_at DESC);
CREATE INDEX CONCURRENTLY idx_posts_platform_posted_at ON posts (platform, posted_at DESC);
CREATE INDEX CONCURRENTLY idx_posts_business_objective ON posts (business_objective);
CREATE INDEX CONCURRENTLY idx_inquiries_status_created ON consultation_inquiries (status, created_at DESC);
CREATE INDEX CONCURRENTLY idx_inquiries_source_post ON consultation_inquiries (source_post_id);
CREATE INDEX CONCURRENTLY idx_inquiries_estimated_value_desc ON consultation_inquiries (estimated_value DESC NULLS LAST);
CREATE INDEX CONCURRENTLY idx_pipeline_month ON business_pipeline (month);

-- Business Intelligence Views
CREATE VIEW current_pipeline_summary AS
SELECT 
    COUNT(*) as total_inquiries,
    SUM(CASE WHEN status = 'new' THEN 1 ELSE 0 END) as new_inquiries,
    SUM(estimated_value) as total_pipeline_value,
    AVG(estimated_value) as avg_deal_value
FROM consultation_inquiries 
WHERE created_at >= CURRENT_DATE - INTERVAL '30 days';

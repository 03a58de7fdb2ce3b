CREATE TABLE revenue_opportunities (
    opportunity_id TEXT PRIMARY KEY,
    lead_source TEXT NOT NULL,
    customer_segment TEXT NOT NULL,
    revenue_potential REAL NOT NULL,
    confidence_score REAL NOT NULL,
    qualification_score INTEGER NOT NULL,
    engagement_history TEXT,  -- JSON
    recommended_offering TEXT,
    next_action TEXT,
    status TEXT DEFAULT 'active',
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE product_performance (
    performance_id TEXT PRIMARY KEY,
    product_id TEXT NOT NULL,
    product_name TEXT NOT NULL,
    price_point REAL NOT NULL,
    monthly_sales INTEGER DEFAULT 0,
    conversion_rate REAL DEFAULT 0.0,
    customer_ltv REAL DEFAULT 0.0,
    churn_rate REAL DEFAULT 0.0,
    growth_rate REAL DEFAULT 0.0,
    month_year TEXT NOT NULL,
    recorded_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE enhanced_attribution (
    attribution_id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL,
    revenue_amount REAL NOT NULL,
    content_touchpoints TEXT,  -- JSON array
    conversion_path TEXT,     -- JSON array
    customer_segment TEXT NOT NULL,
    product_purchased TEXT NOT NULL,
    sales_cycle_days INTEGER,
    attribution_weights TEXT,  -- JSON
    recorded_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE lead_scoring_factors (
    scoring_id TEXT PRIMARY KEY,
    lead_id TEXT NOT NULL,
    company_size_score INTEGER DEFAULT 0,
    role_authority_score INTEGER DEFAULT 0,
    engagement_score REAL DEFAULT 0.0,
    urgency_indicators TEXT,  -- JSON array
    content_consumption_score REAL DEFAULT 0.0,
    social_proof_score INTEGER DEFAULT 0,
    budget_authority_score INTEGER DEFAULT 0,
    total_score INTEGER DEFAULT 0,
    segment_classification TEXT,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

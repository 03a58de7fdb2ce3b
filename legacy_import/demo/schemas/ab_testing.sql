CREATE TABLE ab_tests (
    test_id TEXT PRIMARY KEY,
    test_name TEXT,
    hypothesis TEXT,
    element_type TEXT,
    start_date TEXT,
    end_date TEXT,
    status TEXT DEFAULT 'active',
    traffic_split REAL DEFAULT 0.5,
    minimum_sample_size INTEGER DEFAULT 100,
    confidence_threshold REAL DEFAULT 0.95,
    winning_variant TEXT,
    improvement_rate REAL DEFAULT 0.0,
    statistical_significance REAL DEFAULT 0.0,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE test_variants (
    variant_id TEXT PRIMARY KEY,
    test_id TEXT,
    variant_name TEXT,
    element_type TEXT,
    content TEXT,
    expected_metric TEXT,
    impressions INTEGER DEFAULT 0,
    engagement_actions INTEGER DEFAULT 0,
    consultation_requests INTEGER DEFAULT 0,
    engagement_rate REAL DEFAULT 0.0,
    consultation_conversion REAL DEFAULT 0.0,
    sample_size INTEGER DEFAULT 0,
    confidence_level REAL DEFAULT 0.0,
    is_winner BOOLEAN DEFAULT FALSE,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (test_id) REFERENCES ab_tests (test_id)
);

CREATE TABLE test_assignments (
    assignment_id TEXT PRIMARY KEY,
    test_id TEXT,
    variant_id TEXT,
    post_id TEXT,
    assigned_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (test_id) REFERENCES ab_tests (test_id),
    FOREIGN KEY (variant_id) REFERENCES test_variants (variant_id)
);

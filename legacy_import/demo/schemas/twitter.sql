CREATE TABLE twitter_posts (
    tweet_id TEXT PRIMARY KEY,
    post_id TEXT NOT NULL,
    content TEXT NOT NULL,
    thread_position INTEGER DEFAULT 1,
    total_threads INTEGER DEFAULT 1,
    impressions INTEGER DEFAULT 0,
    retweets INTEGER DEFAULT 0,
    likes INTEGER DEFAULT 0,
    replies INTEGER DEFAULT 0,
    clicks INTEGER DEFAULT 0,
    engagement_rate REAL DEFAULT 0.0,
    posted_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    last_updated TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE twitter_threads (
    thread_id TEXT PRIMARY KEY,
    post_id TEXT NOT NULL,
    total_tweets INTEGER NOT NULL,
    first_tweet_id TEXT,
    thread_performance REAL DEFAULT 0.0,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE INDEX idx_twitter_posts_post_id ON twitter_posts (post_id);
CREATE INDEX idx_twitter_posts_engagement ON twitter_posts (engagement_rate DESC);
CREATE INDEX idx_twitter_threads_performance ON twitter_threads (thread_performance DESC);

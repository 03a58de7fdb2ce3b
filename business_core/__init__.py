"""Posts, consultation inquiries and the monthly pipeline: what staff sell and to whom."""

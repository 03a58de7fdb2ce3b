"""The words of the A/B pages in plain language: what they mean, and the page that says so."""

"""What content did and is predicted to do: analysis, patterns, predictions, attribution."""

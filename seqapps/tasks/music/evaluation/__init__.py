"""Statistics of tunes and comparisons between them."""

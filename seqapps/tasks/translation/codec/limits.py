"""Limits of a search."""

WIDEST = 100  # hypotheses per sentence

"""Predictions as tables, explanations as pages, measures as charts."""

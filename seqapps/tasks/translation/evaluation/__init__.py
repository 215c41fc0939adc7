"""Measures of translations, with and without references."""

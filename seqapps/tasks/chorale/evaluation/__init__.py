"""Measures of voice leading."""

"""Translations as files, heat maps and reports."""

"""Translations as files, attention as heat maps, measures as reports."""

"""Texts from the user's files, and their splits."""

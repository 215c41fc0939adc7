"""Melodies and chorales of files."""

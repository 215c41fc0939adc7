"""Tunes as files to hear and to see."""

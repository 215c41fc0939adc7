"""Writes tunes as files to hear and to see."""

"""Measures tunes and compares them with one another."""

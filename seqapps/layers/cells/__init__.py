"""Cells: one step of time; they know nothing of the walk through it."""

"""Walks: how a cell is taken through all steps of time."""

"""Sentence pairs from files, or made by rule; lines to translate."""

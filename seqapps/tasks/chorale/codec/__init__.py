"""Voices as tensors, and back."""

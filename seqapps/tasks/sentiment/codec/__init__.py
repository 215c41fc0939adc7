"""Texts as ids, inside the TensorFlow graph."""

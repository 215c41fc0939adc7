"""Sentences as sub-word ids and back, inside the TensorFlow graph."""

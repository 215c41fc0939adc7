"""Which tokens may come next, inside the TensorFlow graph."""

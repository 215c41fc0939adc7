"""ABC as token ids and back, inside the TensorFlow graph."""

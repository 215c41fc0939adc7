"""What is fitted after training: how words are written, and the quality."""

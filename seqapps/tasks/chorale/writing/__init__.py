"""The compiled loop that writes voices, and the mask it keeps to."""

"""A user's files as sentence pairs."""

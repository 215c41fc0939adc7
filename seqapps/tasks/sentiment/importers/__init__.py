"""A user's files and tables as labelled texts."""

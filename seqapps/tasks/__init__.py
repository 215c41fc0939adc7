"""The applications; each is a folder that the others know nothing of."""

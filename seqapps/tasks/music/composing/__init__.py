"""The compiled loop that composes and varies tunes."""

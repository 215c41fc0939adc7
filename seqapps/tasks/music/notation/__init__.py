"""ABC and notes, in plain Python: parsed, completed and written again."""

"""Training on several machines, by Ray: `python -m seqapps.launch`."""

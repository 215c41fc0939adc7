"""`python -m seqapps.tasks.sentiment VERB ...`."""

from seqapps.program import run

if __name__ == "__main__":
    run("sentiment")

"""`python -m seqapps.tasks.sentiment VERB ...`."""

from seqapps.cli.program import run

if __name__ == "__main__":
    run("sentiment")

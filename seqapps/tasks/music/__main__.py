"""`python -m seqapps.tasks.music VERB ...`."""

from seqapps.cli.program import run

if __name__ == "__main__":
    run("music")

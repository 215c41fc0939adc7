"""`python -m seqapps.tasks.translation VERB ...`."""

from seqapps.cli.program import run

if __name__ == "__main__":
    run("translation")

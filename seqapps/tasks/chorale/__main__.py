"""`python -m seqapps.tasks.chorale VERB ...`."""

from seqapps.cli.program import run

if __name__ == "__main__":
    run("chorale")

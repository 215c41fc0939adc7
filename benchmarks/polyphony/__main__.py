"""`python -m benchmarks.polyphony VERB ...`."""

from benchmarks.polyphony.task import TASK
from seqapps import cli

if __name__ == "__main__":
    cli.main(TASK)

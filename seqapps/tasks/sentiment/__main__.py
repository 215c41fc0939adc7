"""`python -m seqapps.tasks.sentiment VERB ...`."""

from seqapps.cli import main
from seqapps.tasks.sentiment import TASK

if __name__ == "__main__":
    main(TASK)

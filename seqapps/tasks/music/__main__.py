"""`python -m seqapps.tasks.music VERB ...`."""

from seqapps.cli import main
from seqapps.tasks.music import TASK

if __name__ == "__main__":
    main(TASK)

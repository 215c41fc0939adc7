"""`python -m seqapps.tasks.translation VERB ...`."""

from seqapps.cli import main
from seqapps.tasks.translation import TASK

if __name__ == "__main__":
    main(TASK)

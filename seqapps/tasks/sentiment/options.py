"""Settings of `classify`, each with its one default."""

from dataclasses import dataclass
from typing import Annotated

from seqapps.console.arguments import Options, Range


@dataclass(frozen=True, kw_only=True)
class ClassifyOptions(Options):
    """When a classifier gives a label.

    Args:
        abstain: Say "unsure" where a label's lead over the next is less than
            twice this: of two labels, within this of one half.
    """

    abstain: Annotated[float, Range(0, 0.5)] = 0.0

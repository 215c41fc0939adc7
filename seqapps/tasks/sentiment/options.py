"""Settings of `classify`, each with its one default."""

from dataclasses import dataclass
from typing import Annotated

from seqapps.console.arguments import Options, Range


@dataclass(frozen=True, kw_only=True)
class ClassifyOptions(Options):
    """When a classifier gives a label.

    Args:
        abstain: Give "unsure" for a label if its probability exceeds the next
            by less than twice this; with two labels, if it is within this of
            one half.
        neutral: Give "neutral" for one of two labels if its probability is
            less than this above one half.
    """

    abstain: Annotated[float, Range(0, 0.5)] = 0.0
    neutral: Annotated[float, Range(0, 0.5)] = 0.0

"""Settings of `harmonise`, each with its one default."""

from dataclasses import dataclass
from typing import Annotated

from seqapps.console.arguments import (
    Count,
    Options,
    Positive,
    Probability,
    Range,
    Seed,
)

MOST_REWRITES = 100


@dataclass(frozen=True, kw_only=True)
class HarmoniseOptions(Options):
    """How notes are chosen.

    Args:
        count: How many harmonisations.
        temperature: Below 1 plainer ones, above 1 more surprise.
        top_p: Choose each note among the likeliest that together have this
            probability.
        rewrites: How often every passage is written once more, knowing what
            comes before and after it.
        seed: The same seed gives the same.
    """

    count: Count = 1
    temperature: Positive = 1.0
    top_p: Probability = 0.95
    rewrites: Annotated[int, Range(0, MOST_REWRITES)] = 2
    seed: Seed = 0

"""Settings of `translate`, each with its one default."""

from dataclasses import dataclass
from typing import Annotated

from seqapps.console.arguments import Amount, Options, Range, Size
from seqapps.errors import InputError
from seqapps.tasks.translation.codec.limits import WIDEST

Beam = Annotated[int, Range(1, WIDEST)]


@dataclass(frozen=True, kw_only=True)
class TranslateOptions(Options):
    """How a translation is searched for.

    Args:
        beam: How many hypotheses are kept, and extended sub-word by sub-word,
            at a time. 1 takes the likeliest next sub-word and never looks back
            (greedy); more is better up to about 5, and slower.
        nbest: How many translations of each sentence, at most --beam.
        length_penalty: 0 prefers short translations, for each sub-word costs
            probability; 1 is nearly the mean a sub-word; more prefers long.
        coverage_penalty: How much a translation loses for words of the source
            that it never looked at: 0.2 is much. Helps if words are left out.
        no_repeat: Never repeat any run of so many sub-words: 3, say. 0 allows
            it.
        minimum: Sub-words that a translation has at least.
    """

    beam: Beam = 5
    nbest: int = 1
    length_penalty: Amount = 1.0
    coverage_penalty: Amount = 0.0
    no_repeat: Size = 0
    minimum: Size = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.nbest <= self.beam:
            raise InputError(
                f"--nbest is from 1 to --beam, which is {self.beam}, not "
                f"{self.nbest}"
            )

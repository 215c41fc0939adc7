"""Settings of `translate`, each with its one default."""

from dataclasses import dataclass
from typing import Annotated

from seqapps.console.arguments import Amount, Options, Range, Size
from seqapps.errors import InputError

MAX_BEAM = 100  # hypotheses per sentence
Beam = Annotated[int, Range(1, MAX_BEAM)]


@dataclass(frozen=True, kw_only=True)
class TranslateOptions(Options):
    """How a translation is searched for.

    Args:
        beam: Number of hypotheses kept and extended, a sub-word at a time. 1
            is greedy search; more is better up to about 5, and slower.
        nbest: Translations of each sentence, at most --beam.
        length_penalty: 0 prefers short translations, because each sub-word
            lowers the probability; 1 is nearly the mean per sub-word; more
            prefers long ones.
        coverage_penalty: Penalty for source words without attention; 0.2 is
            much. Helps if words are left out.
        no_repeat: Forbid repeated n-grams of this size (e.g. 3); 0 disables.
        minimum: The least number of sub-words of a translation.
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

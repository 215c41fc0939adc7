"""Decoding: compiled loops over `step(tokens, states) -> logits, states`."""

from typing import TYPE_CHECKING

from seqapps import lazy

if TYPE_CHECKING:
    from seqapps.decoding.beam import beam_search as beam_search
    from seqapps.decoding.forced_decoding import forced as forced
    from seqapps.decoding.greedy_search import greedy as greedy
    from seqapps.decoding.sampling import likeliest as likeliest
    from seqapps.decoding.sampling import sample as sample
    from seqapps.decoding.scores import Beams as Beams
    from seqapps.decoding.scores import score as score

_HOME = {
    "sample": "sampling",
    "likeliest": "sampling",
    "beam_search": "beam",
    "greedy": "greedy_search",
    "forced": "forced_decoding",
    "score": "scores",
    "Beams": "scores",
}
__all__ = list(_HOME)
__getattr__ = lazy.getter(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(__all__)

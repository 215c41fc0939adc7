"""Decoding: compiled loops over `step(tokens, states) -> logits, states`."""

from typing import TYPE_CHECKING

from seqapps import lazy

if TYPE_CHECKING:
    from seqapps.decoding.beam import beam_search as beam_search
    from seqapps.decoding.greedy_decoding import greedy as greedy
    from seqapps.decoding.rescoring import forced_decoding as forced_decoding
    from seqapps.decoding.sampling import (
        filter_top_k_top_p as filter_top_k_top_p,
    )
    from seqapps.decoding.sampling import sample as sample
    from seqapps.decoding.scores import Beams as Beams
    from seqapps.decoding.scores import score_hypotheses as score_hypotheses

_HOME = {
    "sample": "sampling",
    "filter_top_k_top_p": "sampling",
    "beam_search": "beam",
    "greedy": "greedy_decoding",
    "forced_decoding": "rescoring",
    "score_hypotheses": "scores",
    "Beams": "scores",
}
_RENAMED = {
    "forced": "forced_decoding",
    "likeliest": "filter_top_k_top_p",
    "score": "score_hypotheses",
}
__all__ = list(_HOME)
__getattr__ = lazy.getter(__name__, _HOME, _RENAMED)


def __dir__() -> list[str]:
    return sorted(__all__)

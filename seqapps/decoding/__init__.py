"""Decoding: compiled loops over `step(tokens, states) -> logits, states`."""

from seqapps import lazy

_HOME = {
    "sample": "sampling",
    "likeliest": "sampling",
    "beam_search": "beam",
    "greedy": "greedily",
    "forced": "given",
    "score": "scores",
    "Beams": "scores",
}
__all__ = list(_HOME)
__getattr__ = lazy.getter(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(__all__)

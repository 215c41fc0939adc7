"""Smaller classifiers: the n-grams that say least are left out."""

from typing import Any

import numpy as np

from seqapps.tasks.sentiment.codec.base import TextCodec
from seqapps.tasks.sentiment.network import TextNetwork


def prune_ngrams(model: Any, codec: Any, count: int) -> tuple[Any, Any]:
    """Keeps the n-grams whose vectors, as they are weighted, are longest.

        r_g ||E g||, see `TextNetwork`

    The weights r become part of the vectors.

    Args:
        model: a trained `TextNetwork`.
        codec: its `TextCodec`.
        count: n-grams to keep.

    Returns:
        A network that predicts, and its codec.
    """
    words = len(codec) - len(codec.ngrams)
    ratios = model.ratios if model.arguments["weighted"] else None
    weights = [weight for weight in model.weights if weight is not ratios]
    vectors = model.embed.embeddings.numpy()
    if ratios is not None:
        vectors *= ratios.numpy()[:, None]
    length = np.linalg.norm(vectors[words:], axis=1)
    kept = np.sort(np.argsort(-length, kind="stable")[:count])
    codec = TextCodec.from_config(
        {
            **codec.get_config(),
            "ngrams": [codec.ngrams[i] for i in kept],
            "ratios": [],
        }
    )
    small = TextNetwork.from_config(
        {**model.get_config(), "features": len(codec), "weighted": False}
    )
    small.build((None, None, codec.columns))
    for new, old in zip(small.weights, weights, strict=True):
        if new is small.embed.embeddings:
            rows = np.concatenate([np.arange(words), words + kept])
            new.assign(vectors[rows])
        else:
            new.assign(old)
    return small, codec

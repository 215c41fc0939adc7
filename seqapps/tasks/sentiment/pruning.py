"""Smaller classifiers: the n-grams that say least are left out."""

from typing import Any

import numpy as np

from seqapps.tasks.sentiment.codec.base import TextCodec
from seqapps.tasks.sentiment.network import TextNetwork


def prune_ngrams(model: Any, codec: Any, count: int) -> tuple[Any, Any]:
    """Keeps the n-grams whose vectors, as they are weighted, are longest.

        r_g ||E g||, see `TextNetwork`

    Args:
        model: a trained `TextNetwork`.
        codec: its `TextCodec`.
        count: n-grams to keep.

    Returns:
        A network that predicts, and its codec.
    """
    words = len(codec) - len(codec.ngrams)
    vectors, ratios = model.embed.embeddings.numpy(), model.ratios.numpy()
    length = ratios[words:] * np.linalg.norm(vectors[words:], axis=1)
    kept = np.sort(np.argsort(-length, kind="stable")[:count])
    codec = TextCodec.from_config(
        {
            **codec.get_config(),
            "ngrams": [codec.ngrams[i] for i in kept],
            "ratios": [codec.ratios[i] for i in kept],
        }
    )
    rows = np.concatenate([np.arange(words), words + kept])
    small = TextNetwork.from_config(
        {**model.get_config(), "features": len(codec)}
    )
    small.build((None, None, codec.columns))
    per_id = {model.embed.embeddings.path, model.ratios.path}
    for new, old in zip(small.weights, model.weights, strict=True):
        values = old.numpy()
        new.assign(values[rows] if old.path in per_id else values)
    return small, codec

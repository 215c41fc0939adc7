"""How well a network writes tunes, beside what is easily had."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Literal


def score(
    composer,
    data,
    *,
    split: Literal["validation", "test"] = "test",
    tunes: int = 200,
    top_p: float = 1.0,
    seed: int = 0,
) -> dict[str, float]:
    """Measure a network on held-out tunes, and the tunes that it writes.

    Args:
        composer: a `Composer`, or a loaded saved model.
        data: what `load_data` gave.
        split: which tunes to score: choose by "validation", report "test".
        tunes: how many to compose for the share of valid ones.
        top_p: how the composed ones are sampled; 1 is the bare network.
        seed: of what is composed.

    Returns:
        Nats a token of the body (header given, end counted), those of an
        interpolated 5-gram, and the share of valid tunes among composed ones
        and among held-out ones.
    """
    held_out = data.examples[split]
    nats = tokens = 0
    parts = [held_out[i : i + 32] for i in range(0, len(held_out), 32)]
    for part in _track(parts, "scoring"):
        found = composer.score(part)
        nats += math.fsum(found["nats"])
        tokens += sum(found["tokens"])
    composed = []
    for first in _track(range(0, tunes, 50), "composing"):
        count = min(50, tunes - first)
        composed += composer.generate(
            count=count, top_p=top_p, seed=seed + first
        )
    results = {
        f"{split} tokens": tokens,
        "nats a token": nats / tokens,
        "nats a token, 5-gram": ngram(data, split),
        "valid, composed": valid(composed),
        "valid, held out": valid(held_out),
    }
    return results


def valid(tunes: Sequence[str]) -> float:
    """The share of tunes whose bars and repeats add up."""
    from seqapps.tasks.music import bars

    right = [not bars.problems(*read(tune)) for tune in tunes]
    return sum(right) / len(right) if right else math.nan


def _track(parts: Sequence, what: str):
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(
        parts,
        what,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def read(abc: str) -> tuple[str, str]:
    """Metre and body of a tune as the network writes it."""
    head, _, body = abc.partition("\nK:")
    meter = head.partition("\nM:")[2].partition("\n")[0]
    return meter, body.partition("\n")[2]


def ngram(data, split: str, order: int = 5) -> float:
    """Nats a token of an n-gram model with Witten-Bell interpolation.

        p(w | h) = (c(h w) + t(h) p(w | h')) / (c(h) + t(h))

    with c the counts, t(h) how many different tokens followed h, and h' the
    history h less its oldest token. (Witten and Bell 1991, method C.)

    Args:
        data: what `load_data` gave; it learns from the training tunes.
        split: which tunes to score.
        order: tokens of history, and one.
    """
    import tensorflow as tf

    codec = data.codec
    counts = defaultdict(Counter)

    def rows(name):
        ids = codec.encode(tf.constant(data.examples[name]))
        return ids.to_list()

    for row in rows("train"):
        for i in range(codec.given, len(row)):
            for n in range(order):
                counts[tuple(row[max(0, i - n) : i])][row[i]] += 1

    def chance(word, history):
        seen = counts.get(history)
        if history:
            lower = chance(word, history[1:])
        else:
            lower = 1 / len(codec)
        if not seen:
            return lower
        total = seen.total()
        return (seen[word] + len(seen) * lower) / (total + len(seen))

    nats = tokens = 0
    for row in rows(split):
        for i in range(codec.given, len(row)):
            history = tuple(row[max(0, i - order + 1) : i])
            nats -= math.log(chance(row[i], history))
            tokens += 1
    return nats / tokens

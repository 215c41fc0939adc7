"""How well a network knows tunes and writes them, beside what is easily had."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from seqapps.console import terminal
from seqapps.console.arguments import Chance, Count, Seed, checked


@checked
def score(
    composer,
    data,
    *,
    split: Literal["validation", "test"] = "test",
    tunes: Count = 200,
    top_p: Chance = 0.95,
    seed: Seed = 0,
    beside: Path | None = None,
) -> dict[str, float]:
    """Measure a network on held-out tunes, and the tunes that it writes.

    Surprise is of one text for all: the canonical body of each tune, its
    header given, its end counted, no mask. So networks of notes and of
    characters compare, in bits a character.

    Args:
        composer: a `Composer`, or a loaded saved model.
        data: what `load_data` gave.
        split: which tunes to score: choose by "validation", report "test".
        tunes: how many to compose.
        top_p: how they are sampled, as `generate` does; 1 is the bare network.
        seed: of what is composed.
        beside: another run or saved model, to be scored on the same text.

    Returns:
        Nats a token, bits a character; the same of an interpolated 4-gram and
        of the network beside; the share of right tunes with and without the
        mask; means of `style` of composed tunes and of held-out ones; and how
        much of each is copied from the training tunes.
    """
    from seqapps.tasks.music.decode import Composer
    from seqapps.tasks.music.evaluation import copying, style
    from seqapps.tasks.music.model import build_model
    from seqapps.tasks.music.notation import abc
    from seqapps.training import load_predictor

    held_out = data.examples[split]
    nats, tokens, characters = _surprise(composer, held_out)
    results = {
        f"{split} tokens": tokens,
        "nats a token": nats / tokens,
        "bits a character": _bits(nats, characters),
    }
    if data.codec.grammar:  # it is one of notes
        nats = ngram(data, split)
        results["nats a token, 4-gram"] = nats / tokens
        results["bits a character, 4-gram"] = _bits(nats, characters)
    if beside:
        other = load_predictor(beside, "music", build_model, Composer)
        nats, _, characters = _surprise(other, held_out)
        results[f"bits a character, {beside}"] = _bits(nats, characters)
    composed = _compose(composer, tunes, top_p, seed)
    bare = _compose(composer, tunes, top_p, seed, constrained=False)
    results["right, composed"] = right(composed)
    results["right, composed without mask"] = right(bare)
    results["right, held out"] = right(held_out)
    groups = {
        "composed": [abc.read(text) for text in composed],
        "held out": [abc.read(text) for text in held_out],
    }
    for name, group in groups.items():
        for measure, number in style.summary(group).items():
            results[f"{measure}, {name}"] = number
    corpus = copying.Corpus(abc.read(t) for t in data.examples["train"])
    for name, group in groups.items():
        for measure, number in copying.shares(group, corpus).items():
            results[f"{measure}, {name}"] = number
    return results


def right(texts: Sequence[str]) -> float:
    """The share of tunes whose bars, tuplets and repeats add up."""
    from seqapps.tasks.music.notation import abc

    tunes = [abc.read(text) for text in texts]
    good = [not abc.problems(tune.meter, tune.body) for tune in tunes]
    return sum(good) / len(good) if good else math.nan


def _surprise(composer, texts: Sequence[str]) -> tuple[float, int, int]:
    """Nats, tokens and characters of tunes."""
    totals = [0.0, 0, 0]
    parts = [texts[i : i + 32] for i in range(0, len(texts), 32)]
    for part in terminal.track(parts, "scoring"):
        found = composer.score(part)
        for i, name in enumerate(("nats", "tokens", "characters")):
            totals[i] += math.fsum(found[name])
    return totals[0], int(totals[1]), int(totals[2])


def _bits(nats: float, characters: int) -> float:
    return nats / math.log(2) / characters


def _compose(composer, count: int, top_p: float, seed: int, **kwargs) -> list:
    tunes = []
    for first in terminal.track(range(0, count, 50), "composing"):
        tunes += composer.generate(
            count=min(50, count - first),
            top_p=top_p,
            seed=seed + first,
            **kwargs,
        )
    return tunes


def ngram(data, split: str, order: int = 4) -> float:
    """Nats of tunes by an n-gram model with Witten-Bell interpolation.

        p(w | h) = (c(h w) + t(h) p(w | h')) / (c(h) + t(h))

    with c the counts, t(h) how many different tokens followed h, and h' the
    history h less its oldest token. (Witten and Bell 1991, method C.)

    Args:
        data: what `load_data` gave; it learns from the training tunes.
        split: which tunes to score.
        order: tokens of history, and one.
    """
    import tensorflow as tf

    from seqapps import text

    codec = data.codec
    counts = defaultdict(Counter)

    def rows(name):
        ids = codec.encode(tf.constant(data.examples[name]))
        return zip(
            codec.header_lengths(ids).numpy(), ids.to_list(), strict=True
        )

    for head, row in rows("train"):
        for i in range(head, len(row)):
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

    nats = 0.0
    for head, row in rows(split):
        for i in range(head, len(row)):
            history = tuple(row[max(0, i - order + 1) : i])
            nats -= math.log(chance(row[i], history))
            nats += codec.unknown_nats * (row[i] == text.UNKNOWN)
    return nats

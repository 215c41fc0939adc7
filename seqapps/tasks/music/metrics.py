"""Evaluates a network on held-out tunes and on tunes that it composes."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from seqapps.console import terminal
from seqapps.console.arguments import Count, Probability, Seed, checked
from seqapps.task import Data
from seqapps.tasks.music.options import GenerateOptions

_SCORE_BATCH, _COMPOSE_BATCH = 32, 50  # tunes


@checked
def score(
    composer: Any,
    data: Data,
    *,
    split: Literal["validation", "test"] = "test",
    tunes: Count = 200,
    top_p: Probability = GenerateOptions.top_p,
    seed: Seed = 0,
    beside: Path | None = None,
) -> dict[str, float]:
    """Measure a network on held-out tunes and on tunes that it composes.

    The negative log-likelihood is that of the canonical body of each tune and
    its end, given its header, without a mask. In bits a character it compares
    networks of notes and of characters.

    Args:
        composer: a `Composer`, or a loaded saved model.
        data: what `load_data` returned.
        split: which tunes to score: choose by "validation", report "test".
        tunes: how many to compose.
        top_p: sample them as `generate` does; 1 samples from all tokens.
        seed: of the composed tunes.
        beside: another run or saved model, scored on the same text.

    Returns:
        Nats a token, bits a character; the same for an interpolated 4-gram
        and for the network beside, and when it is told the kind and the bars
        left; the share of right tunes with and without the mask; the means of
        `style.METRICS` over composed tunes and held-out ones; how much of each
        is copied from the training tunes; and `endings.METRICS` over tunes
        composed in the metres and modes of the held-out ones. These it also
        prints, kind by kind.
    """
    from seqapps.tasks.music.decode import Composer
    from seqapps.tasks.music.evaluation import copying, kinds, style
    from seqapps.tasks.music.model import build_model
    from seqapps.tasks.music.notation import abc
    from seqapps.training import load_predictor

    examples = data.examples or {}
    held_out = examples[split]
    total = _total_score(composer, _without_rhythms(held_out))
    tokens, characters = total.tokens, total.characters
    results = {
        f"{split} tokens": tokens,
        "nats a token": total.nats / tokens,
        "bits a character": _to_bits(total.nats) / characters,
    }
    if data.codec.grammar:  # tokens are notes
        nats = ngram_nats(data, split)
        results["nats a token, 4-gram"] = nats / tokens
        results["bits a character, 4-gram"] = _to_bits(nats) / characters
    if beside:
        other = load_predictor(beside, "music", build_model, Composer)
        total = _total_score(other, _without_rhythms(held_out))
        bits = _to_bits(total.nats) / total.characters
        results[f"bits a character, {beside}"] = bits
    if hasattr(composer, "rewrite"):  # it is no older model
        nats = _total_score(composer, held_out, told=True).nats
        results["bits a character, told"] = _to_bits(nats) / characters
    composed = _compose(composer, tunes, top_p, seed)
    unmasked = _compose(composer, tunes, top_p, seed, constrained=False)
    results["right, composed"] = share_right(composed)
    results["right, composed without mask"] = share_right(unmasked)
    results["right, held out"] = share_right(held_out)
    groups = {
        "composed": [abc.parse_canonical(text) for text in composed],
        "held out": [abc.parse_canonical(text) for text in held_out],
    }
    for name, group in groups.items():
        for metric, value in style.mean_metrics(group).items():
            results[f"{metric}, {name}"] = value
    corpus = copying.Corpus(abc.parse_canonical(t) for t in examples["train"])
    for name, group in groups.items():
        for metric, value in copying.measure_copying(group, corpus).items():
            results[f"{metric}, {name}"] = value
    batch = min(tunes, _COMPOSE_BATCH)  # one size, which is compiled once

    def compose_kind(kind: kinds.Kind, count: int) -> list[abc.Tune]:
        whole = -(-count // batch) * batch
        texts = _compose(composer, whole, top_p, seed, **kind._asdict())
        return [abc.parse_canonical(text) for text in texts]

    rows = list(kinds.compare(groups["held out"], compose_kind, tunes))
    kinds.print_table(rows)
    return results | kinds.averages(rows)


def share_right(texts: Sequence[str]) -> float:
    """Returns the share of tunes whose bars, tuplets and repeats add up."""
    from seqapps.tasks.music.notation import abc

    tunes = [abc.parse_canonical(text) for text in texts]
    right = [not abc.find_problems(tune.meter, tune.body) for tune in tunes]
    return sum(right) / len(right) if right else math.nan


class _TotalScore(NamedTuple):
    """Sums of what `Composer.score` returns."""

    nats: float
    tokens: int
    characters: int


def _without_rhythms(texts: Sequence[str]) -> list[str]:
    """The tunes without `R:`, so that networks are told alike."""
    return [re.sub(r"(?m)^R:.*\n", "", text) for text in texts]


def _total_score(
    composer: Any, texts: Sequence[str], **kwargs: Any
) -> _TotalScore:
    """Scores tunes in batches."""
    nats, tokens, characters = 0.0, 0, 0
    starts = range(0, len(texts), _SCORE_BATCH)
    for first in terminal.track(starts, "scoring"):
        batch = texts[first : first + _SCORE_BATCH]
        scores = composer.score(batch, **kwargs)
        nats += math.fsum(scores["nats"])
        tokens += sum(scores["tokens"])
        characters += sum(scores["characters"])
    return _TotalScore(nats, int(tokens), int(characters))


def _to_bits(nats: float) -> float:
    return nats / math.log(2)


def _compose(
    composer: Any, count: int, top_p: float, seed: int, **kwargs: Any
) -> list[str]:
    tunes: list[str] = []
    starts = range(0, count, _COMPOSE_BATCH)
    for first in terminal.track(starts, "composing"):
        tunes += composer.generate(
            count=min(_COMPOSE_BATCH, count - first),
            top_p=top_p,
            seed=seed + first,
            **kwargs,
        )
    return tunes


def ngram_nats(data: Data, split: str, order: int = 4) -> float:
    """Returns the nats of tunes under an interpolated n-gram model.

        p(w | h) = (c(h w) + t(h) p(w | h')) / (c(h) + t(h))

    with c the counts, t(h) how many different tokens followed h, and h' the
    history h without its oldest token. (Witten and Bell 1991, method C.)

    Args:
        data: what `load_data` returned; the training tunes are counted.
        split: which tunes to score.
        order: n, the tokens of the history and one.
    """
    import tensorflow as tf

    from seqapps import text

    codec, examples = data.codec, data.examples or {}
    counts: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)

    def rows(name: str) -> Iterator[tuple[int, list[int]]]:
        ids = codec.encode(tf.constant(examples[name]))
        return zip(
            codec.header_lengths(ids).numpy(), ids.to_list(), strict=True
        )

    for head, row in rows("train"):
        for i in range(head, len(row)):
            for n in range(order):
                counts[tuple(row[max(0, i - n) : i])][row[i]] += 1

    def probability(token: int, history: tuple[int, ...]) -> float:
        if history:
            lower = probability(token, history[1:])
        else:
            lower = 1 / len(codec)
        following = counts.get(history)
        if not following:
            return lower
        different = len(following)
        return (following[token] + different * lower) / (
            following.total() + different
        )

    nats = 0.0
    for head, row in rows(split):
        for i in range(head, len(row)):
            history = tuple(row[max(0, i - order + 1) : i])
            nats -= math.log(probability(row[i], history))
            nats += codec.unknown_nats * (row[i] == text.UNKNOWN)
    return nats

"""Tunes as batches: from a collection to what `Model.fit` takes."""

import sys
from collections import Counter
from pathlib import Path
from typing import Literal

from seqapps.errors import InputError
from seqapps.task import Data

_RARE = 20  # a mode of fewer training tunes is left out


def load_data(
    *,
    collection: str = "fiddle",
    tokens: Literal["notes", "characters"] = "notes",
    batch_size: int = 32,
    limit: int = 0,
    data_dir: Path | None = None,
) -> Data:
    """Loads folk tunes, split so that near-identical ones stay together.

    Args:
        collection: "fiddle" (O'Neill's, Ryan's and Aird's tunes), one of
            "oneill", "ryan", "aird", or "essen", which is for non-commercial
            use only.
        tokens: "notes", one token a note; or "characters", the lecture's own
            setting.
        batch_size: tunes a batch.
        limit: use this many training tunes only; 0 uses all.
        data_dir: where tensorflow-datasets keeps its data.

    Returns:
        Batches `(x, y, weights)`, each `(batch, time)`; `examples` are the
        tunes in ABC.

    Raises:
        InputError: there is no such collection.
    """
    import tensorflow as tf

    from seqapps import pipeline
    from seqapps.tasks.music import codec as codecs
    from seqapps.tasks.music import collection as collections

    if batch_size < 1:
        raise InputError("--data.batch-size must be 1 or more")
    builder = collections.prepare(collection, data_dir)
    tunes = {
        name: [
            {key: value.decode() for key, value in tune.items()}
            for tune in builder.as_dataset(split=name).as_numpy_iterator()
        ]
        for name in ("train", "validation", "test")
    }
    tunes["train"] = tunes["train"][: limit or None]
    modes = Counter(tune["mode"] for tune in tunes["train"])
    meters = {tune["meter"] for tune in tunes["train"]}
    loaded = sum(map(len, tunes.values()))
    for name, rows in tunes.items():
        tunes[name] = [
            tune
            for tune in rows
            if modes[tune["mode"]] >= min(_RARE, max(modes.values()))
            and tune["meter"] in meters
        ]
    rare = loaded - sum(map(len, tunes.values()))
    _say(collections.account(builder), tunes, rare)
    headers = Counter(
        (tune["meter"], tune["key"], tune["mode"]) for tune in tunes["train"]
    )
    kind = codecs.NoteCodec if tokens == "notes" else codecs.CharacterCodec
    codec = kind(
        [[*row, count] for row, count in sorted(headers.items())],
        _alphabet(tunes["train"], tokens),
    )
    ids, lengths = {}, {}
    for name, rows in tunes.items():
        ids[name] = codec.encode(tf.constant([tune["abc"] for tune in rows]))
        lengths[name] = ids[name].row_lengths().numpy()

    def batch(name, rows):
        chosen = tf.gather(ids[name], rows)
        given = tf.fill(tf.shape(rows), codec.given)
        return pipeline.teacher_forcing(chosen, given)

    steps, rows = pipeline.bucketed(lengths["train"], batch_size)

    def numbered(step, seed):
        return batch("train", rows(step, seed))

    def held_out(name):
        return pipeline.in_order(
            lambda rows: batch(name, rows), lengths[name], 2 * batch_size
        )

    return Data(
        train=pipeline.epoch(numbered, steps),
        valid=held_out("validation"),
        test=held_out("test"),
        codec=codec,
        examples={
            name: [tune["abc"] for tune in rows] for name, rows in tunes.items()
        },
        start=lambda step, seed: pipeline.stream(numbered, step, seed),
    )


def _say(account: dict, tunes: dict[str, list], rare: int) -> None:
    """Says on standard error what is used, and what is left out and why."""
    left = Counter({"in a rare mode or metre": rare})
    for reasons in account.values():
        left.update({k: n for k, n in reasons.items() if k != "usable"})
    used = ", ".join(f"{len(rows)} {name}" for name, rows in tunes.items())
    why = ", ".join(f"{n} {reason}" for reason, n in left.most_common() if n)
    print(f"tunes: {used}; left out: {why or 'none'}", file=sys.stderr)


def _alphabet(tunes: list[dict[str, str]], tokens: str) -> list[str]:
    """Every token of the training tunes that occurs twice, sorted."""
    from seqapps.tasks.music.header import key_field
    from seqapps.tasks.music.spelling import relative

    counts = Counter()
    for tune in tunes:
        body = tune["abc"].split("\nK:")[1].partition("\n")[2]
        if tokens == "characters":
            field = key_field(tune["key"], tune["mode"])
            counts.update(f"{tune['meter']}\n{field}\n{body}")
            continue
        for token in body.split():
            counts[relative(token, tune["key"], tune["mode"])] += 1
    counts.pop(None, 0)
    if tokens == "characters":
        counts.update("0123456789/ABCDEFG#bmajindoxlyphrc" * 2)
    return sorted(token for token, count in counts.items() if count > 1)

"""Tunes as batches: from a collection to what `Model.fit` takes."""

import sys
from collections import Counter
from pathlib import Path
from typing import Literal

from seqapps.console.arguments import Count, Size, checked
from seqapps.errors import InputError
from seqapps.task import Data

_RARE = 20  # a mode of fewer training tunes is left out
_LEAST = 100  # batches an epoch of the user's own tunes
_NAMED = 5  # tunes left out that are named
_SPLITS = ("train", "validation", "test")
_LONGEST = 48  # bars of a tune whose length is not asked for
_FEW = 100  # tunes; of so few every token is learned


@checked
def load_data(
    *,
    path: Path | None = None,
    track: str = "",
    collection: str = "fiddle",
    tokens: Literal["notes", "characters"] = "notes",
    window: Size = 0,
    batch_size: Count = 32,
    limit: Size = 0,
    data_dir: Path | None = None,
) -> Data:
    """Loads folk tunes, split so that near-identical ones stay together.

    Args:
        path: your own music, a file or a folder: .abc, .mid, .musicxml. It
            takes the place of the collection.
        track: number or name of the track or part that is the melody of your
            MIDI and MusicXML files; empty: the one that looks most like it.
        collection: "fiddle" (O'Neill's, Ryan's and Aird's tunes), one of
            "oneill", "ryan", "aird", or "essen", which is for non-commercial
            use only.
        tokens: "notes", one token a note; or "characters", the lecture's own
            setting.
        window: train on pieces of so many characters, cut anywhere, as the
            lecture does; 0 trains on whole tunes.
        batch_size: tunes a batch, or pieces.
        limit: use this many training tunes only; 0 uses all.
        data_dir: where tensorflow-datasets keeps its data.

    Returns:
        Batches `(x, y, weights)`, each `(batch, time)`; `examples` are the
        tunes in ABC.

    Raises:
        InputError: there is no such collection, or no usable tune.
    """
    import tensorflow as tf

    from seqapps import pipeline
    from seqapps.tasks.music.codec.characters import CharacterCodec
    from seqapps.tasks.music.codec.notes import NoteCodec

    if window and tokens == "notes":
        raise InputError("--data.window goes with --data.tokens characters")
    tunes = _own(path, track) if path else _collected(collection, data_dir)
    tunes["train"] = tunes["train"][: limit or None]
    if not tunes["train"]:
        raise InputError(f"{path or collection} has no tune to train on")
    modes = Counter(tune["mode"] for tune in tunes["train"])
    meters = {tune["meter"] for tune in tunes["train"]}
    loaded = sum(map(len, tunes.values()))
    enough = 1 if path else min(_RARE, max(modes.values()))
    for name, rows in tunes.items():
        tunes[name] = [
            tune
            for tune in rows
            if modes[tune["mode"]] >= enough and tune["meter"] in meters
        ]
    rare = loaded - sum(map(len, tunes.values()))
    used = ", ".join(f"{len(rows)} {name}" for name, rows in tunes.items())
    left = f"; {rare} left out: in a rare mode or metre" if rare else ""
    print(f"tunes: {used}{left}", file=sys.stderr)
    for name, rows in tunes.items():
        if not rows:
            raise InputError(
                f"{path or collection} has no {name} tune: besides those to "
                "train on, two different ones or more are needed in their "
                "modes and metres"
            )
    headers = Counter(
        (tune["meter"], tune["key"], tune["mode"]) for tune in tunes["train"]
    )
    kind = NoteCodec if tokens == "notes" else CharacterCodec
    codec = kind(
        [[*row, count] for row, count in sorted(headers.items())],
        _alphabet(tunes["train"], tokens),
        _lengths(tunes["train"]),
    )
    ids, lengths = {}, {}
    for name, rows in tunes.items():
        ids[name] = codec.encode(tf.constant([tune["abc"] for tune in rows]))
        lengths[name] = ids[name].row_lengths().numpy()

    def batch(name, rows):
        chosen = tf.gather(ids[name], rows)
        header_lengths = codec.header_lengths(chosen)
        x, y, weights = pipeline.teacher_forcing(chosen, header_lengths)
        return codec.inputs(x), y, weights

    steps, rows = pipeline.bucketed(lengths["train"], batch_size)
    if path:  # of few tunes an epoch is several passes
        steps *= max(1, _LEAST // steps)
    text = ids["train"].flat_values  # one tune after another
    if window:
        steps = max(1, int(tf.size(text)) // (batch_size * window))

    def numbered(step, seed):
        if not window:
            return batch("train", rows(step, seed))
        starts = tf.random.stateless_uniform(
            [batch_size, 1],
            tf.stack([seed, step]),
            maxval=tf.size(text) - window,
            dtype=tf.int32,
        )
        piece = tf.gather(text, starts + tf.range(window + 1))
        x, y = piece[:, :-1], piece[:, 1:]
        return codec.inputs(x), y, tf.ones_like(y, tf.float32)

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


def _collected(name: str, data_dir: Path | None) -> dict[str, list]:
    """The tunes of a collection, by split."""
    from seqapps.tasks.music import collection

    builder = collection.prepare(name, data_dir)
    left = Counter()
    for reasons in collection.account(builder).values():
        left.update({k: n for k, n in reasons.items() if k != "usable"})
    why = ", ".join(f"{n} {reason}" for reason, n in left.most_common())
    print(f"{name}: left out {why or 'none'}", file=sys.stderr)
    return {
        split: [
            {key: value.decode() for key, value in tune.items()}
            for tune in builder.as_dataset(split=split).as_numpy_iterator()
        ]
        for split in _SPLITS
    }


def _own(path: Path, track: str) -> dict[str, list]:
    """The user's tunes, by split."""
    from seqapps.tasks.music import collection
    from seqapps.tasks.music.evaluation import splits as splits_
    from seqapps.tasks.music.importers import reader

    found, account = reader.tunes(path, track)
    _say(path, account)
    splits = collection.split([t.body for t in found.values()], list(found))
    tunes = {split: [] for split in _SPLITS}
    for tune, split in zip(found.values(), splits, strict=True):
        tunes[split].append(
            {
                "abc": tune.abc(),
                "key": tune.key,
                "mode": tune.mode,
                "meter": tune.meter,
            }
        )
    if not all(tunes.values()):
        raise InputError(
            f"{path} has too few different tunes ({len(found)}): three or more "
            "are needed, to train, to choose and to test"
        )
    return splits_.filled(tunes)


def _say(path: Path, account: dict) -> None:
    """Says what of the user's music is used, what is not, what was lost."""
    left = account["left_out"]
    named = [f"{name} ({why})" for name, why in list(left.items())[:_NAMED]]
    if len(left) > _NAMED:
        named.append(f"and {len(left) - _NAMED} more")
    out = f"; {len(left)} left out: {', '.join(named)}" if left else ""
    print(f"{path}: {account['usable']} tunes{out}", file=sys.stderr)
    for note in account["notes"]:
        print(f"{path}: {note}", file=sys.stderr)


def _lengths(tunes: list[dict[str, str]]) -> list[list[int]]:
    """How often tunes have so many bars as written; odd lengths left out."""
    from seqapps.tasks.music.notation.bars import written

    counts = Counter()
    for tune in tunes:
        body = tune["abc"].split("\nK:")[1].partition("\n")[2]
        bars = written(tune["meter"], body)
        if bars % 4 == 0 and 0 < bars <= _LONGEST:
            counts[bars] += 1
    return [[bars, n] for bars, n in sorted(counts.items())] or [[16, 1]]


def _alphabet(tunes: list[dict[str, str]], tokens: str) -> list[str]:
    """Every token of the training tunes that occurs twice, sorted.

    Of few tunes every token; of notes also every bar line.
    """
    from seqapps.tasks.music.notation.bars import BAR_LINES, ENDINGS
    from seqapps.tasks.music.notation.header import key_field
    from seqapps.tasks.music.notation.spelling import relative

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
    least = 2 if len(tunes) >= _FEW else 1
    always = [*BAR_LINES, *ENDINGS]
    if tokens == "characters":
        always = "0123456789/ABCDEFG#bmajindoxlyphrc"
    return sorted(
        {token for token, count in counts.items() if count >= least}.union(
            always
        )
    )

"""Loads tunes, splits them and makes the batches that `Model.fit` takes."""

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from seqapps.console.arguments import Count, Size, checked
from seqapps.errors import InputError
from seqapps.task import Data
from seqapps.tasks.music.codec.counts import (
    build_vocabulary,
    count_forms,
    count_headers,
    count_lengths,
)
from seqapps.tasks.music.evaluation.splits import Splits, fill_splits

if TYPE_CHECKING:
    from seqapps.tasks.music.importers.reader import ImportReport

_SPLITS = ("train", "validation", "test")
_MIN_TUNES_OF_MODE = 20  # in a collection; rarer modes are left out
_MIN_OWN_STEPS = 100  # batches an epoch of the user's own tunes
_MAX_NAMED = 5  # tunes left out that are listed by name


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
        path: your own music in place of the collection, a file or a folder:
            .abc, .mid, .musicxml.
        track: number or name of the track or part of your MIDI and MusicXML
            files that is the melody; empty: the one that looks most like it.
        collection: "fiddle" (O'Neill's, Ryan's and Aird's tunes), one of
            "oneill", "ryan", "aird", or "essen", which is for non-commercial
            use only.
        tokens: "notes", one token a note; or "characters", the lecture's own
            setting.
        window: train on windows of so many characters, cut anywhere, as the
            lecture does; 0 trains on whole tunes.
        batch_size: tunes or windows in a batch.
        limit: use only this many training tunes; 0 uses all.
        data_dir: the folder of tensorflow-datasets' data.

    Returns:
        Batches `(x, y, weights)`: inputs `(batch, time, features)`, next
        tokens and their weights `(batch, time)`; `examples` are the tunes
        in ABC.

    Raises:
        InputError: there is no such collection, or no usable tune.
    """
    import tensorflow as tf

    from seqapps import pipeline
    from seqapps.tasks.music.codec.characters import CharacterCodec
    from seqapps.tasks.music.codec.hiding import hide
    from seqapps.tasks.music.codec.notes import NoteCodec

    if window and tokens == "notes":
        raise InputError("--data.window goes with --data.tokens characters")
    source = str(path or collection)
    tunes = _load_own(path, track) if path else _load(collection, data_dir)
    tunes["train"] = tunes["train"][: limit or None]
    tunes = _without_rare(tunes, source, 1 if path else _MIN_TUNES_OF_MODE)
    counts = (
        count_headers(tunes["train"]),
        build_vocabulary(tunes["train"], tokens),
        count_lengths(tunes["train"]),
    )
    codec: NoteCodec | CharacterCodec
    if tokens == "notes":
        codec = NoteCodec(*counts, count_forms(tunes["train"]))
    else:
        codec = CharacterCodec(*counts)
    abc = {name: [row["abc"] for row in rows] for name, rows in tunes.items()}
    ids = {name: codec.encode(tf.constant(abc[name])) for name in tunes}
    lengths = {name: ids[name].row_lengths().numpy() for name in ids}

    def whole_tunes(
        name: str, rows: Any, seed: Any = None
    ) -> tuple[Any, Any, Any]:
        batch = tf.gather(ids[name], rows)
        header_lengths = codec.header_lengths(batch)
        x, y, weights = pipeline.teacher_forcing(batch, header_lengths)
        told = False
        if codec.plans and seed is not None:
            x, told = hide(x, codec.no_rhythm, seed)
        return codec.inputs(x, told), y, weights

    steps, rows_of = pipeline.bucketed(lengths["train"], batch_size)
    if path:  # an epoch of few tunes is several passes
        steps *= max(1, _MIN_OWN_STEPS // steps)
    running_text = ids["train"].flat_values  # one tune after another
    if window:
        steps = max(1, int(tf.size(running_text)) // (batch_size * window))

    def train_batch(step: Any, seed: Any) -> tuple[Any, Any, Any]:
        if not window:
            return whole_tunes(
                "train", rows_of(step, seed), tf.stack([seed, step])
            )
        starts = tf.random.stateless_uniform(
            [batch_size, 1],
            tf.stack([seed, step]),
            maxval=tf.size(running_text) - window,
            dtype=tf.int32,
        )
        windows = tf.gather(running_text, starts + tf.range(window + 1))
        x, y = windows[:, :-1], windows[:, 1:]
        return codec.inputs(x), y, tf.ones_like(y, tf.float32)

    def held_out(name: str) -> Any:
        return pipeline.in_order(
            lambda rows: whole_tunes(name, rows), lengths[name], 2 * batch_size
        )

    return Data(
        train=pipeline.epoch(train_batch, steps),
        valid=held_out("validation"),
        test=held_out("test"),
        codec=codec,
        examples=abc,
        start=lambda step, seed: pipeline.stream(train_batch, step, seed),
    )


def _without_rare(tunes: Splits, source: str, min_of_mode: int) -> Splits:
    """Leaves out tunes in a mode or metre too rare to be learned.

    Args:
        tunes: by split.
        source: of the tunes, for messages.
        min_of_mode: fewest training tunes of a mode, but for the commonest.

    Raises:
        InputError: a split is empty then.
    """
    if not tunes["train"]:
        raise InputError(f"{source} has no tune to train on")
    modes = Counter(tune["mode"] for tune in tunes["train"])
    meters = {tune["meter"] for tune in tunes["train"]}
    min_of_mode = min(min_of_mode, max(modes.values()))
    usable = {
        name: [
            tune
            for tune in rows
            if modes[tune["mode"]] >= min_of_mode and tune["meter"] in meters
        ]
        for name, rows in tunes.items()
    }
    rare = sum(len(tunes[name]) - len(usable[name]) for name in tunes)
    used = ", ".join(f"{len(rows)} {name}" for name, rows in usable.items())
    note = f"; {rare} left out: in a rare mode or metre" if rare else ""
    print(f"tunes: {used}{note}", file=sys.stderr)
    for name, rows in usable.items():
        if not rows:
            raise InputError(
                f"{source} has no {name} tune: besides those to "
                "train on, two different ones or more are needed in their "
                "modes and metres"
            )
    return usable


def _load(name: str, data_dir: Path | None) -> Splits:
    """Loads the tunes of a collection, by split."""
    from seqapps.tasks.music import collection

    builder = collection.prepare(name, data_dir)
    left_out: Counter[str] = Counter()
    for reasons in collection.account(builder).values():
        left_out.update({k: n for k, n in reasons.items() if k != "usable"})
    counts = ", ".join(f"{n} {reason}" for reason, n in left_out.most_common())
    print(f"{name}: left out {counts or 'none'}", file=sys.stderr)
    return {
        split: [
            {key: value.decode() for key, value in tune.items()}
            for tune in builder.as_dataset(split=split).as_numpy_iterator()
        ]
        for split in _SPLITS
    }


def _load_own(path: Path, track: str) -> Splits:
    """Loads the user's tunes, by split."""
    from seqapps.tasks.music import collection
    from seqapps.tasks.music.importers import reader
    from seqapps.tasks.music.notation.rhythm import rhythm_of

    tunes, report = reader.load_tunes(path, track)
    tunes = {
        name: replace(tune, rhythm=rhythm_of(tune))
        for name, tune in tunes.items()
    }
    _report(path, report)
    names = collection.assign_splits(
        [tune.body for tune in tunes.values()], list(tunes)
    )
    splits: Splits = {name: [] for name in _SPLITS}
    for tune, name in zip(tunes.values(), names, strict=True):
        splits[name].append(
            {
                "abc": tune.abc(),
                "key": tune.key,
                "mode": tune.mode,
                "meter": tune.meter,
                "rhythm": tune.rhythm,
            }
        )
    if not all(splits.values()):
        raise InputError(
            f"{path} has too few different tunes ({len(tunes)}): three or more "
            "are needed, to train, to choose and to test"
        )
    return fill_splits(splits)


def _report(path: Path, report: "ImportReport") -> None:
    """Reports how much of the user's music is used, left out and lost."""
    reasons = report["left_out"]
    named = [f"{name} ({reason})" for name, reason in reasons.items()]
    if len(named) > _MAX_NAMED:
        named[_MAX_NAMED:] = [f"and {len(named) - _MAX_NAMED} more"]
    note = f"; {len(reasons)} left out: {', '.join(named)}" if reasons else ""
    print(f"{path}: {report['usable']} tunes{note}", file=sys.stderr)
    for note in report["notes"]:
        print(f"{path}: {note}", file=sys.stderr)

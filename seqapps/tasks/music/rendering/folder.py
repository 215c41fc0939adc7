"""Composes tunes into a folder: the files of each, and one page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from seqapps import extras, files
from seqapps.tasks.music.notation.tune import Tune
from seqapps.tasks.music.rendering.sound import Sound

if TYPE_CHECKING:
    from seqapps.tasks.music.rendering import page

_COMPOSE_BATCH = 64  # tunes
_SCORE_BATCH = 16
_FORMATS = ("abc", "mid", "wav", "svg", "png")
_MODULES = ("mido", "midirenderer", "pretty_midi", "verovio", "matplotlib")


class Plan(NamedTuple):
    """What is to be composed.

    Args:
        compose: `(count, seed) ->` that many tunes, each with the indices of
            the measures that were rewritten.
        about: how they are composed, in a few words.
        title: of every tune, before its number.
        theme: the tune that is varied.
        sound: tempo, instrument and transposition.
    """

    compose: Callable[[int, int], Iterator[tuple[Tune, frozenset[int]]]]
    about: str
    title: str = "Tune"
    theme: Tune | None = None
    sound: Sound = Sound()


def compose_into(
    folder: Path, composer: Any, plan: Plan, count: int, seed: int
) -> list[Path]:
    """Composes tunes; writes the files of each and the page of all.

    Args:
        folder: is created; no other process may write there meanwhile.
        composer: scores the tunes.
        plan: what to compose.
        count: how many tunes.
        seed: of the random numbers.

    Returns:
        The paths that were written.

    Raises:
        InputError: the folder cannot be written to; or the request cannot be
            met, and no folder is created.
    """
    from seqapps.console import terminal
    from seqapps.tasks.music.rendering import page

    extras.require("music", *_MODULES)
    batches = _batches(plan, count, seed)
    batches = chain([next(batches)], batches)  # fails before there is a folder
    files.create_folder(folder)
    paths: list[Path] = []
    with files.lock_folder(folder), terminal.progress() as progress:
        bar = progress.add_task("composing", total=count)

        def entries() -> Iterator[page.Entry]:
            tunes = _write_tunes(folder, composer, plan, batches, seed)
            for tune_paths, entry in tunes:
                paths.extend(tune_paths)
                progress.advance(bar)
                if entry is not None:
                    yield entry

        index = folder / "index.html"
        shown = page.write_page(index, plan.about.capitalize(), entries())
    paths += [index] if shown else []
    _report(folder, count, shown)
    _report_older(folder, paths)
    return paths


def _batches(
    plan: Plan, count: int, seed: int
) -> Iterator[list[tuple[Tune, frozenset[int]]]]:
    """Yields tunes in batches, so that memory stays flat."""
    import numpy as np

    for first in range(0, count, _COMPOSE_BATCH):
        if first:  # every batch has its own stream of random numbers
            state = np.random.SeedSequence(
                [seed & 0xFFFFFFFF, first]
            ).generate_state(1)
            seed = int(state[0]) & 0x7FFFFFFF
        yield list(plan.compose(min(_COMPOSE_BATCH, count - first), seed))


def _write_tunes(
    folder: Path,
    composer: Any,
    plan: Plan,
    batches: Iterable[list[tuple[Tune, frozenset[int]]]],
    seed: int,
) -> Iterator[tuple[list[Path], page.Entry | None]]:
    """Writes each tune; yields its files, and its entry if it is right."""
    from seqapps.tasks.music.notation import abc, bars
    from seqapps.tasks.music.rendering import page, tune_files

    number = 0
    theme = plan.theme and plan.sound.apply_to(plan.theme)
    for batch in batches:
        scores = _token_nats(composer, [tune.abc() for tune, _ in batch])
        for (tune, changed), nats in zip(batch, scores, strict=True):
            number += 1
            tune = replace(tune, title=f"{plan.title} {number}")
            tune = plan.sound.apply_to(tune)
            stem = folder / f"tune-{number}"
            problems = abc.find_problems(tune.meter, tune.body)
            formats = ("abc",) if problems else _FORMATS
            paths = tune_files.write_files(tune, stem, formats)
            print(tune_files.abc_text(tune, number))
            if problems:
                print(f"tune {number} is not right: {'; '.join(problems)}")
                yield paths, None
                continue
            length = bars.count_bars(tune.meter, tune.body)
            kind = f"{tune.rhythm}, " if tune.rhythm else ""
            caption = (
                f"{kind}{tune.key} {tune.mode}, {tune.meter}, {length} bars, "
                f"seed {seed}, {plan.about}"
            )
            nats = nats[: len(tune.body.split())]
            yield (
                paths,
                page.Entry(tune, caption, stem.name, nats, theme, changed),
            )


def _token_nats(composer: Any, abc: list[str]) -> Iterator[list[float]]:
    """Yields the nats of each tune's tokens."""
    for first in range(0, len(abc), _SCORE_BATCH):
        batch = abc[first : first + _SCORE_BATCH]
        yield from composer.score(batch)["surprise"]


def _report(folder: Path, count: int, shown: int) -> None:
    if not shown:
        print(f"{count} tunes in {folder}/, .abc only: none is right")
        return
    print(
        f"{count} {'tune' if count == 1 else 'tunes'} in {folder}/: "
        f".abc .mid .wav .svg .png; look and listen: {folder}/index.html"
    )
    if shown < count:
        wrong = count - shown
        print(f"{wrong} of {count} are not right, and have their .abc only")


def _report_older(folder: Path, paths: list[Path]) -> None:
    """Reports files in the folder that are not of this run."""
    import sys

    older = {
        path.name
        for path in folder.glob("tune-*.*")
        if path.suffix[1:] in _FORMATS and path not in paths
    }
    if (folder / "index.html") not in paths:
        older |= {path.name for path in folder.glob("index.html")}
    if older:
        names = sorted(older)
        examples = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
        print(
            f"{folder}/ also holds {len(names)} "
            f"{'file' if len(names) == 1 else 'files'} of an earlier run: "
            f"{examples}",
            file=sys.stderr,
        )

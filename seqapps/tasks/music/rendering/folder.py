"""A folder of tunes: the files of each, written as it comes, and a page."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from seqapps import extras, files
from seqapps.errors import InputError
from seqapps.tasks.music.notation.tune import Tune
from seqapps.tasks.music.rendering.sound import Sound

_AT_ONCE = 64  # tunes that are composed together
_SCORED = 16  # tunes that are scored together
_FORMATS = ("abc", "mid", "wav", "svg", "png")
_MODULES = ("mido", "midirenderer", "pretty_midi", "verovio", "matplotlib")


class Plan(NamedTuple):
    """What is to be composed.

    Args:
        compose: `(count, seed) ->` that many tunes, and of each the numbers
            of the measures that were written anew.
        about: how it is composed, in a few words.
        title: of every tune, before its number.
        theme: the tune that is varied.
        sound: how the tunes are to sound.
    """

    compose: Callable[[int, int], Iterator[tuple[Tune, frozenset[int]]]]
    about: str
    title: str = "Tune"
    theme: Tune | None = None
    sound: Sound = Sound()


def write(
    folder: Path, composer, plan: Plan, count: int, seed: int
) -> list[Path]:
    """Composes tunes, and writes the files of each and the page of all.

    Args:
        folder: is made. No other process may write there at the same time.
        composer: scores the tunes.
        plan: what to compose.
        count: how many tunes.
        seed: of the choices.

    Returns:
        The paths that were written.

    Raises:
        InputError: nothing can be written there, or the request cannot be
            met; then there is no new folder.
    """
    from seqapps.console import terminal
    from seqapps.tasks.music.rendering import page

    extras.require("music", *_MODULES)
    batches = _batches(plan, count, seed)
    batches = chain([next(batches)], batches)  # raises before a folder is made
    _make(folder)
    paths: list[Path] = []
    with files.exclusive(folder), terminal.progress() as progress:
        bar = progress.add_task("composing", total=count)

        def entries():
            for some, entry in _written(folder, composer, plan, batches, seed):
                paths.extend(some)
                progress.advance(bar)
                if entry is not None:
                    yield entry

        index = folder / "index.html"
        shown = page.write(index, plan.about.capitalize(), entries())
    paths += [index] if shown else []
    _report(folder, count, shown)
    _report_older(folder, paths)
    return paths


def _batches(plan: Plan, count: int, seed: int) -> Iterator[list]:
    """Composes tunes some at a time, so that memory stays flat."""
    import numpy as np

    for first in range(0, count, _AT_ONCE):
        if first:  # a stream of its own for every batch
            state = np.random.SeedSequence(
                [seed & 0xFFFFFFFF, first]
            ).generate_state(1)
            seed = int(state[0]) & 0x7FFFFFFF
        yield list(plan.compose(min(_AT_ONCE, count - first), seed))


def _written(folder: Path, composer, plan: Plan, batches, seed: int):
    """Writes each tune; yields its files, and its entry if it is right."""
    from seqapps.tasks.music.notation import abc, bars
    from seqapps.tasks.music.rendering import page, tune_files

    number = 0
    theme = plan.theme and plan.sound.of(plan.theme)
    for batch in batches:
        surprise = _surprise(composer, [tune.abc() for tune, _ in batch])
        for (tune, changed), nats in zip(batch, surprise, strict=True):
            number += 1
            tune = replace(tune, title=f"{plan.title} {number}")
            tune = plan.sound.of(tune)
            stem = folder / f"tune-{number}"
            problems = abc.problems(tune.meter, tune.body)
            formats = ("abc",) if problems else _FORMATS
            paths = tune_files.render(tune, stem, formats)
            print(tune_files.text(tune, number))
            if problems:
                print(f"tune {number} is not right: {'; '.join(problems)}")
                yield paths, None
                continue
            length = bars.written(tune.meter, tune.body)
            caption = (
                f"{tune.key} {tune.mode}, {tune.meter}, {length} bars, "
                f"seed {seed}, {plan.about}"
            )
            nats = nats[: len(tune.body.split())]
            yield (
                paths,
                page.Entry(tune, caption, stem.name, nats, theme, changed),
            )


def _surprise(composer, texts: list[str]) -> Iterator[list[float]]:
    """Nats of every token of every tune."""
    for first in range(0, len(texts), _SCORED):
        some = texts[first : first + _SCORED]
        yield from composer.score(some)["surprise"]


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
    """Names tunes in the folder that are not of this run."""
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
        some = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
        print(
            f"{folder}/ also holds {len(names)} "
            f"{'file' if len(names) == 1 else 'files'} of an earlier run: "
            f"{some}",
            file=sys.stderr,
        )


def _make(folder: Path) -> None:
    """Makes the folder, and finds out whether files can be written there."""
    import tempfile

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(
            f"cannot write to {folder} ({error.strerror}): name another folder "
            "with --output"
        ) from None

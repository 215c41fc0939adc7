"""Loads a user's own music: files and folders of ABC, MIDI and MusicXML."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TypedDict

from seqapps.errors import InputError
from seqapps.tasks.music.importers import abc_file, scores
from seqapps.tasks.music.notation import abc, losses
from seqapps.tasks.music.notation.abc import Tune, Unusable
from seqapps.tasks.music.notation.losses import Losses
from seqapps.tasks.music.notation.unusable import DUPLICATE

ABC = (".abc",)
SUFFIXES = (*ABC, *scores.MIDI, *scores.MUSICXML)
_SUFFIXES = ", ".join(SUFFIXES[:-1]) + " or " + SUFFIXES[-1]

_Normaliser = Callable[[str], tuple[Tune, Losses]]


class ImportReport(TypedDict):
    """What became of the tunes of a file or folder.

    Keys:
        usable: how many are usable.
        reasons: why others are not: how often each.
        left_out: those that are not usable, by name, with the reason.
        notes: messages on what was dropped from the usable ones.
    """

    usable: int
    reasons: dict[str, int]
    left_out: dict[str, str]
    notes: list[str]


def load_tunes(
    path: Path, track: str = ""
) -> tuple[dict[str, Tune], ImportReport]:
    """Loads all the tunes of a file or folder; skips those it cannot use.

    Args:
        path: a file of ABC, MIDI or MusicXML, or a folder, which is searched
            with its subfolders, except hidden ones.
        track: number or name of the part of MIDI and MusicXML with the
            melody; empty: the one that looks most like it.

    Returns:
        The tunes by the file's name in the folder, with "#2" for the second
        tune of an ABC file; and a report.

    Raises:
        InputError: there is no music at the path, or none of use.
    """
    path = Path(path)
    _check_path(path)
    files = _find_files(path) if path.is_dir() else {path.name: path}
    if not files:
        raise InputError(f"{path}: no music in it; give {_SUFFIXES} files")
    collector = _Collector()
    for name, file in files.items():
        with collector.skip_unusable(name):
            for tune_name, text, dropped in _texts(name, file, track):
                with collector.skip_unusable(tune_name):
                    tune, more = abc.normalise_with_losses(text)
                    collector.add(tune_name, tune, dropped | more)
    if not collector.tunes:
        reasons = ", ".join(
            f"{n} {reason}" for reason, n in collector.reasons.most_common(3)
        )
        raise InputError(f"{path}: no tune in it can be used: {reasons}")
    return collector.tunes, collector.report()


class _Collector:
    """Collects usable tunes, and the reasons why others are not."""

    def __init__(self) -> None:
        self.tunes: dict[str, Tune] = {}
        self.reasons: Counter[str] = Counter()
        self.left_out: dict[str, str] = {}
        self.losses: dict[str, list[Fraction | int]] = {}
        self.contents: set[tuple[str, ...]] = set()

    @contextmanager
    def skip_unusable(self, name: str) -> Iterator[None]:
        """Records an `Unusable` that is raised within, and goes on."""
        try:
            yield
        except Unusable as error:
            self.reasons[error.reason] += 1
            self.left_out[name] = _explain(error)

    def add(self, name: str, tune: Tune, dropped: Losses) -> None:
        """Adds a tune.

        Raises:
            Unusable: another has the same notes.
        """
        content = (tune.key, tune.mode, tune.meter, tune.body)
        if content in self.contents:
            raise Unusable(DUPLICATE)
        self.contents.add(content)
        self.tunes[name] = tune
        for loss, number in dropped.items():
            self.losses.setdefault(loss, []).append(number)

    def report(self) -> ImportReport:
        """Returns the report on all tunes."""
        return {
            "usable": len(self.tunes),
            "reasons": dict(self.reasons.most_common()),
            "left_out": self.left_out,
            "notes": [
                f"{len(numbers)} {'file' if len(numbers) == 1 else 'files'}: "
                + _describe(loss, max(numbers, key=lambda n: float(abs(n))))
                for loss, numbers in self.losses.items()
            ],
        }


def load_tune(path: Path, track: str = "") -> tuple[Tune, list[str]]:
    """Loads one complete tune, the first of a file.

    Args:
        path: a file of ABC, MIDI or MusicXML.
        track: as in `load_tunes`.

    Returns:
        The tune, and messages on what was dropped.

    Raises:
        InputError: it cannot be used.
    """
    return _load_first(Path(path), abc.normalise_with_losses, True, track)


def load_primer(path: Path, track: str = "") -> tuple[Tune, list[str]]:
    """Loads one tune or fragment to be continued, the first of a file.

    Args:
        path: a file of ABC, MIDI or MusicXML.
        track: as in `load_tunes`.

    Returns:
        The fragment as `abc.fragment` returns it, and messages on what was
        dropped.

    Raises:
        InputError: it cannot be used.
    """
    return _load_first(Path(path), abc.fragment_with_losses, False, track)


def parse_fragment(text: str) -> tuple[Tune, list[str]]:
    """Parses a tune or fragment to be continued, the first of an ABC text.

    Args:
        text: header and body; `X:` may be missing.

    Returns:
        The fragment, and messages on what was dropped.

    Raises:
        InputError: it cannot be used.
    """
    try:
        texts = abc_file.split_text(text)
        return _first(texts, abc.fragment_with_losses)
    except Unusable as error:
        raise InputError(f"cannot use the ABC: {_explain(error)}") from None


def _first(texts: list[str], normaliser: _Normaliser) -> tuple[Tune, list[str]]:
    """Returns the first tune, and messages on what was dropped."""
    tune, dropped = normaliser(texts[0])
    messages = [_describe(*loss) for loss in dropped.items()]
    if len(texts) > 1:
        first = f"only the first of {len(texts)} tunes was used"
        messages = [first, *messages]
    return tune, messages


def _load_first(
    path: Path, normaliser: _Normaliser, complete: bool, track: str
) -> tuple[Tune, list[str]]:
    if path.is_dir():
        raise InputError(f"{path} is a folder: give one file of it")
    _check_path(path)
    messages = []
    try:
        if path.suffix.lower() in ABC:
            if track:
                raise InputError(
                    f"{path}: --track chooses a track of MIDI or a part of "
                    "MusicXML; in ABC the first voice is always used"
                )
            return _first(abc_file.read_abc(path), normaliser)
        text, dropped, choice = scores.import_score(path, complete, track)
        tune, more = normaliser(text)
        dropped = dropped | more
        if choice:
            dropped.pop(losses.PARTS, None)
            messages.append(f"{losses.PARTS}: {choice}")
    except Unusable as error:
        raise InputError(f"cannot use {path}: {_explain(error)}") from None
    return tune, messages + [_describe(*loss) for loss in dropped.items()]


def _explain(error: Unusable) -> str:
    """Returns the reason of an error, with its notes."""
    where = "; ".join(getattr(error, "__notes__", ()))
    return f"{error.reason} ({where})" if where else error.reason


def _describe(loss: str, number: Fraction | int) -> str:
    return f"{loss}: {float(number):.2g}" if number else loss


def _check_path(path: Path) -> None:
    if not path.exists():
        raise InputError(f"{path}: there is no such file or folder")
    if not path.is_dir() and path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path}: unknown kind of file; give {_SUFFIXES}")


def _find_files(folder: Path) -> dict[str, Path]:
    """Returns the music in a folder by its name there, sorted."""
    files = {}
    for parent, subfolders, names in os.walk(folder):
        subfolders[:] = [name for name in subfolders if name[:1] != "."]
        for name in names:
            file = Path(parent, name)
            if file.suffix.lower() in SUFFIXES and not name.startswith("."):
                files[file.relative_to(folder).as_posix()] = file
    return dict(sorted(files.items()))


def _texts(
    name: str, file: Path, track: str
) -> Iterator[tuple[str, str, Losses]]:
    """Yields the name and ABC of each tune in a file, and what was dropped."""
    if file.suffix.lower() not in ABC:
        score = scores.import_score(file, track=track)
        yield name, score.abc, score.losses
        return
    for number, text in enumerate(abc_file.read_abc(file), 1):
        yield f"{name}#{number}", text, {}

"""A user's own music: files and folders of ABC, MIDI and MusicXML."""

import codecs
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import islice
from pathlib import Path

from seqapps.errors import InputError
from seqapps.tasks.music.importers import scores
from seqapps.tasks.music.notation import abc
from seqapps.tasks.music.notation.abc import Tune, Unusable

ABC = (".abc",)
KINDS = (*ABC, *scores.MIDI, *scores.MUSICXML)
MOST = 32 << 20  # bytes of a file of ABC
MOST_TUNES = 100_000  # of a file of ABC
TWICE = "the same as another"
_KINDS = ", ".join(KINDS[:-1]) + " or " + KINDS[-1]


def tunes(path: Path, track: str = "") -> tuple[dict[str, Tune], dict]:
    """Read all the tunes of a file or folder; a bad one never stops it.

    Args:
        path: a file of ABC, MIDI or MusicXML, or a folder, which is searched
            to its depths but for what is hidden.
        track: number or name of the part of MIDI and MusicXML that is the
            melody; empty: the one that looks most like it.

    Returns:
        The tunes by the file's name in the folder, with "#2" for the second
        tune of an ABC file; and an account of them: how many are "usable";
        the "reasons" why others are not, with their numbers; the names of
        those "left_out", each with its reason; and "notes" of what was lost.

    Raises:
        InputError: if there is no music at the path, or none of use.
    """
    path = Path(path)
    _known(path)
    files = _files(path) if path.is_dir() else {path.name: path}
    if not files:
        raise InputError(f"{path}: no music in it; give {_KINDS} files")
    account = _Account()
    for name, file in files.items():
        with account.entry(name):
            for part, text, lost in _texts(name, file, track):
                with account.entry(part):
                    tune, more = abc.whole(text)
                    account.add(part, tune, lost | more)
    if not account.tunes:
        why = account.reasons.most_common(3)
        said = ", ".join(f"{n} {reason}" for reason, n in why)
        raise InputError(f"{path}: no tune in it can be used: {said}")
    return account.tunes, account.said()


class _Account:
    """The tunes that are usable, and what became of the others."""

    def __init__(self):
        self.tunes: dict[str, Tune] = {}
        self.reasons: Counter[str] = Counter()
        self.left_out: dict[str, str] = {}
        self.lost: dict[str, list[Fraction | int]] = {}
        self.seen: set[tuple[str, ...]] = set()

    @contextmanager
    def entry(self, name: str) -> Iterator[None]:
        """Count and name what cannot be used, and go on."""
        try:
            yield
        except Unusable as error:
            self.reasons[error.reason] += 1
            self.left_out[name] = _why(error)

    def add(self, name: str, tune: Tune, lost: scores.Lost) -> None:
        music = (tune.key, tune.mode, tune.meter, tune.body)
        if music in self.seen:
            raise Unusable(TWICE)
        self.seen.add(music)
        self.tunes[name] = tune
        for loss, number in lost.items():
            self.lost.setdefault(loss, []).append(number)

    def said(self) -> dict:
        return {
            "usable": len(self.tunes),
            "reasons": dict(self.reasons.most_common()),
            "left_out": self.left_out,
            "notes": [
                f"{len(numbers)} {'file' if len(numbers) == 1 else 'files'}: "
                + _note(loss, max(numbers, key=abs))
                for loss, numbers in self.lost.items()
            ],
        }


def whole(path: Path, track: str = "") -> tuple[Tune, list[str]]:
    """Read one complete tune, the first of a file.

    Args:
        path: a file of ABC, MIDI or MusicXML.
        track: as in `tunes`.

    Returns:
        The tune, and notes of what was lost.

    Raises:
        InputError: if it cannot be used.
    """
    return _one(Path(path), abc.whole, True, track)


def primer(path: Path, track: str = "") -> tuple[Tune, list[str]]:
    """Read one tune or fragment that is to go on, the first of a file.

    Args:
        path: a file of ABC, MIDI or MusicXML.
        track: as in `tunes`.

    Returns:
        The fragment as `abc.fragment` gives it, and notes of what was lost.

    Raises:
        InputError: if it cannot be used.
    """
    return _one(Path(path), abc.begun, False, track)


def fragment(text: str) -> tuple[Tune, list[str]]:
    """Read a tune or fragment that is to go on, the first of an ABC text.

    Args:
        text: header and body; `X:` may be missing.

    Returns:
        The fragment, and notes of what was lost.

    Raises:
        InputError: if it cannot be used.
    """
    try:
        return _first(text, abc.begun)
    except Unusable as error:
        raise InputError(f"cannot use the ABC: {_why(error)}") from None


def _first(text: str, canonical: Callable) -> tuple[Tune, list[str]]:
    """The first tune of an ABC text, and notes of what was lost."""
    first, *others = _split(text)
    tune, lost = canonical(first)
    notes = [f"the first of {len(others) + 1} tunes was taken"] * bool(others)
    return tune, notes + [_note(*loss) for loss in lost.items()]


def _one(
    path: Path,
    canonical: Callable[[str], tuple[Tune, dict]],
    complete: bool,
    track: str,
) -> tuple[Tune, list[str]]:
    if path.is_dir():
        raise InputError(f"{path} is a folder: give one file of it")
    _known(path)
    notes = []
    try:
        if path.suffix.lower() in ABC:
            if track:
                raise InputError(
                    f"{path}: --track chooses a track of MIDI or a part of "
                    "MusicXML; of ABC the first voice is taken"
                )
            return _first(_text(path), canonical)
        text, lost, choice = scores.read(path, complete, track)
        tune, more = canonical(text)
        lost = lost | more
        if choice:
            lost.pop(scores.PARTS, None)
            notes.append(f"{scores.PARTS}: {choice}")
    except Unusable as error:
        raise InputError(f"cannot use {path}: {_why(error)}") from None
    return tune, notes + [_note(*loss) for loss in lost.items()]


def _why(error: Unusable) -> str:
    where = "; ".join(getattr(error, "__notes__", ()))
    return f"{error.reason} ({where})" if where else error.reason


def _note(loss: str, number: Fraction | int) -> str:
    return f"{loss}: {float(number):.2g}" if number else loss


def _known(path: Path) -> None:
    if not path.exists():
        raise InputError(f"{path}: there is no such file or folder")
    if not path.is_dir() and path.suffix.lower() not in KINDS:
        raise InputError(f"{path}: cannot read its kind; give {_KINDS}")


def _files(folder: Path) -> dict[str, Path]:
    """Music by its name in a folder, in the order of the names."""
    found = {}
    for place, inner, names in os.walk(folder):
        inner[:] = [name for name in inner if not name.startswith(".")]
        for name in names:
            file = Path(place, name)
            if file.suffix.lower() in KINDS and not name.startswith("."):
                found[file.relative_to(folder).as_posix()] = file
    return dict(sorted(found.items()))


def _texts(
    name: str, file: Path, track: str
) -> Iterator[tuple[str, str, scores.Lost]]:
    """The ABC of each tune in a file, its name, and what was lost."""
    if file.suffix.lower() not in ABC:
        yield name, *scores.read(file, track=track)[:2]
        return
    for number, text in enumerate(_split(_text(file)), 1):
        yield f"{name}#{number}", text, {}


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > MOST:
            raise Unusable(f"larger than {MOST >> 20} MB")
        raw = file.read_bytes()
    except OSError as error:
        raise Unusable("cannot be opened") from error
    if raw.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return raw.decode("utf-32", "replace")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace")
    if b"\0" in raw:
        raise Unusable("not text")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _split(text: str) -> list[str]:
    """The tunes of a text; all of it where it has no `X:`."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise Unusable("empty")
    texts = list(islice(abc.split_tunes(text), MOST_TUNES + 1)) or [text]
    if len(texts) > MOST_TUNES:
        raise Unusable(f"more than {MOST_TUNES:,} tunes")
    return texts

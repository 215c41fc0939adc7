"""`harmonise`: writes voices, and the files to hear and to see."""

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from seqapps.console.arguments import Range, checked
from seqapps.console.paths import Named, Writes, check
from seqapps.errors import InputError
from seqapps.tasks.chorale.notation import passages
from seqapps.tasks.chorale.notation.chorale import (
    VOICES,
    Chorale,
    bar_steps,
    require_range,
)
from seqapps.tasks.chorale.options import HarmoniseOptions
from seqapps.tasks.chorale.rendering.folder import Sound

_INSTRUMENT = "Choir Aahs"
_FILES = ("index.html", "chorale-*")


@checked
def harmonise(
    harmoniser,
    *melody: str,
    options: HarmoniseOptions = HarmoniseOptions(),  # noqa: B008
    part: str = "",
    transpose: Annotated[int, Range(-24, 24)] = 0,
    rewrite: str = "",
    voices: str = "ATB",
    key: str = "",
    mode: Literal["", "major", "minor"] = "",
    meter: str = "",
    tempo: Annotated[int, Range(20, 400)] = 76,
    instruments: str = _INSTRUMENT,
    output: Annotated[Path, Writes(inside=_FILES)] = Path("out"),
) -> list[Path]:
    """Harmonise a melody for four voices, or compose a chorale from nothing.

    The melody is a file: .abc, .mid or .musicxml. Every voice keeps to its
    range, crosses no other and is silent nowhere; out/index.html shows and
    plays them all. With --rewrite, bars of a chorale of four parts are written
    anew and all else stays.

    Args:
        harmoniser: a `Harmoniser`, or a loaded saved model.
        *melody: A file with the melody; none to compose from nothing.
        options: How notes are chosen.
        part: Number or name of the part of the file that is the melody. Empty:
            the highest.
        transpose: Semitones by which the melody is moved; below 0 downwards.
        rewrite: Bars to write anew, such as 5-8, in a file of four parts.
        voices: The voices that --rewrite writes, by their initials: SATB.
        key: The key of a chorale from nothing: G, Bb, F#m.
        mode: Its mode, if the key does not say: major or minor. Empty: any.
        meter: Its metre, such as 3/4. Empty: any.
        tempo: Crotchets a minute.
        instruments: A name of General MIDI, or four, with commas between:
            "Oboe, English Horn, Clarinet, Bassoon".
        output: The folder for index.html, chorale-1.musicxml, .abc, .mid, ...

    Returns:
        The paths that were written.
    """
    from seqapps.tasks.chorale.rendering import folder

    folder.require()
    sound = Sound(tempo, _programs(instruments))
    if len(melody) > 1:
        raise InputError("give one file with a melody, or none")
    written_to = Named("--output", output, Writes(inside=_FILES))
    check([*(Named("the melody", Path(each)) for each in melody), written_to])
    if melody and (key or mode or meter):
        raise InputError("--key, --mode and --meter are the file's")
    if not melody and (part or transpose or rewrite):
        raise InputError("--part, --transpose and --rewrite go with a file")
    sampling = {
        "count": options.count,
        "temperature": options.temperature,
        "top_p": options.top_p,
        "rewrites": options.rewrites,
        "seed": options.seed,
    }
    if melody:
        given = _given(Path(melody[0]), part, transpose, rewrite, voices)
        written = _written(harmoniser, given, sampling)
        about = f"harmonises {Path(melody[0]).name}"
        if rewrite:
            about = f"{Path(melody[0]).name}, bars {rewrite} written anew"
    else:
        written = _composed(harmoniser, key, mode, meter, sampling)
        about = "from nothing"
    captions = [
        f"{each.meter}, {each.bar_of(each.steps - 1)} bars, seed "
        f"{options.seed}, {about}"
        for each in written
    ]
    paths = folder.write_folder(output, written, captions, sound)
    print(
        f"{len(written)} in {output}/: .musicxml .abc .mid .wav .svg .png; "
        f"look and listen: {output}/index.html"
    )
    return paths


def _given(
    path: Path, part: str, transpose: int, rewrite: str, voices: str
) -> Chorale:
    """What of a file is given; "?" is what is to be written."""
    from seqapps.tasks.chorale.importers import score_file

    if rewrite:
        chosen = _voices(voices)
        chorale, notes = score_file.read_chorale(path)
        chorale = passages.transposed(chorale, transpose)
        first, last = _bars(rewrite, chorale.bar_of(chorale.steps - 1))
        chorale = passages.opened(chorale, first, last, chosen)
    else:
        chorale, notes = score_file.read_melody(path, part)
        chorale = passages.transposed(chorale, transpose)
    require_range(chorale)
    for note in notes:
        print(f"{path}: {note}", file=sys.stderr)
    return chorale


def _written(harmoniser, given: Chorale, sampling: dict) -> list[Chorale]:
    written = harmoniser.harmonise(
        *given.voices,
        given.meter,
        given.pickup,
        given.sharps,
        given.mode,
        **sampling,
    )
    rows = list(zip(*(written[voice] for voice in VOICES), strict=True))
    title = given.title or "Harmonisation"
    return [
        replace(given, voices=row, title=_numbered(title, i, len(rows)))
        for i, row in enumerate(rows, 1)
    ]


def _composed(
    harmoniser, key: str, mode: str, meter: str, sampling: dict
) -> list[Chorale]:
    if meter:
        bar_steps(meter)
    sharps, of_key = passages.parse_key(key, mode)
    written = harmoniser.compose(meter, sharps, of_key, **sampling)
    rows = list(zip(*(written[voice] for voice in VOICES), strict=True))
    return [
        Chorale(
            voices=row,
            meter=written["meter"][i],
            pickup=written["pickup"][i],
            sharps=sharps,
            mode=written["mode"][i],
            title=_numbered("Chorale", i + 1, 2),
        )
        for i, row in enumerate(rows)
    ]


def _numbered(title: str, number: int, count: int) -> str:
    return f"{title} {number}" if count > 1 else title


def _voices(initials: str) -> list[int]:
    places = ["SATB".find(letter) for letter in initials.upper()]
    if not places or min(places) < 0:
        raise InputError(
            f"--voices is of the letters S, A, T, B; not {initials}"
        )
    return sorted(set(places))


def _bars(text: str, last: int) -> tuple[int, int]:
    parts = re.fullmatch(r"(\d+)(?:-(\d+))?", text.replace(" ", ""))
    first, end = (
        (int(n or parts[1]) for n in parts.groups()) if parts else (1, 0)
    )
    if not 0 <= first <= end <= last:
        raise InputError(
            f"--rewrite takes bars from 0, a pick-up, to {last}, such as "
            f"{min(2, last)}-{last}; not {text}"
        )
    return first, end


def _programs(names: str) -> tuple[int, int, int, int]:
    from seqapps.synthesis import parse_instrument

    each = [parse_instrument(name) for name in names.split(",")]
    if len(each) == 1:
        each *= len(VOICES)
    if len(each) != len(VOICES) or None in each:
        raise InputError("--instruments is one name, or four with commas")
    return tuple(each)

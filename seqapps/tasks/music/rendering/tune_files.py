"""Writes a tune as files: ABC, MIDI, sound, a score, a piano roll."""

from collections.abc import Callable, Sequence
from pathlib import Path

from seqapps import files
from seqapps.tasks.music.notation import accidentals
from seqapps.tasks.music.notation.abc import Tune, normalise
from seqapps.tasks.music.rendering import engrave, layout, perform, roll


def write_files(
    tune: Tune | str,
    stem: str | Path,
    formats: Sequence[str] = ("mid", "wav", "svg", "png"),
) -> list[Path]:
    """Writes a tune as files; MIDI and sound have the repeats played.

    Each file is written under another name and then renamed, so that no file
    is ever incomplete.

    Args:
        tune: a tune, written as it is; or ABC, which is normalised.
        stem: the path without an ending. Its folder is created.
        formats: any of "abc" (with beams, four bars a line), "mid", "wav",
            "opus" (a small sound file), "svg" (a score), "png" (a piano
            roll).

    Returns:
        The paths, in the order of `formats`.

    Raises:
        Unusable: the ABC cannot be normalised.
        KeyError: there is no such format.
    """
    if isinstance(tune, str):
        tune = normalise(tune)
    renderers = [(name, _RENDERERS[name]) for name in formats]
    stem = Path(stem)
    stem.parent.mkdir(parents=True, exist_ok=True)
    return [
        files.write_file(stem.with_name(f"{stem.name}.{name}"), render(tune))
        for name, render in renderers
    ]


def abc_text(tune: Tune, number: int = 1) -> str:
    """Returns the ABC of a tune: beams by the beat, four bars a line.

    Args:
        tune: its body may be any text of canonical tokens.
        number: what `X:` says.
    """
    # the version tells readers that accidentals hold to the bar line
    body = layout.beamed(tune.meter, accidentals.explicit_accidentals(tune))
    return f"%abc-2.1\n{tune.abc(number, body)}"


def _render_abc(tune: Tune) -> bytes:
    return abc_text(tune).encode()


def _render_score(tune: Tune) -> bytes:
    return engrave.draw_svg(tune).encode()


_RENDERERS: dict[str, Callable[[Tune], bytes]] = {
    "abc": _render_abc,
    "mid": perform.render_midi,
    "wav": perform.render_wav,
    "opus": perform.render_opus,
    "svg": _render_score,
    "png": roll.draw_png,
}

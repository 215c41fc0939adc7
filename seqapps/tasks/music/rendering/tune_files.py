"""A tune as files to hear and to see: MIDI, sound, score, piano roll."""

from collections.abc import Callable, Sequence
from pathlib import Path

from seqapps.files import write
from seqapps.tasks.music.notation import accidentals
from seqapps.tasks.music.notation.abc import Tune, normalise
from seqapps.tasks.music.rendering import engrave, layout, perform, roll


def render(
    tune: Tune | str,
    stem: str | Path,
    formats: Sequence[str] = ("mid", "wav", "svg", "png"),
) -> list[Path]:
    """Write a tune as files; what sounds has its repeats played out.

    Each file is written under another name and then renamed, so that none is
    ever there in part.

    Args:
        tune: a tune as it is, right or wrong; or ABC, which is normalised.
        stem: the path without an ending. Its folder is made.
        formats: any of "abc" (with beams, four bars a line), "mid", "wav",
            "opus" (a small sound file), "svg" (a score), "png" (a piano
            roll).

    Returns:
        The paths, in the order of `formats`.

    Raises:
        Unusable: for ABC that cannot be normalised.
        KeyError: for another format.
    """
    if isinstance(tune, str):
        tune = normalise(tune)
    makers = [(name, _MAKERS[name]) for name in formats]
    stem = Path(stem)
    stem.parent.mkdir(parents=True, exist_ok=True)
    return [
        write(stem.with_name(f"{stem.name}.{name}"), make(tune))
        for name, make in makers
    ]


def text(tune: Tune, number: int = 1) -> str:
    """The ABC file of a tune: beams by the beat, four bars a line.

    Args:
        tune: as it is.
        number: what `X:` says.
    """
    # by its version readers know that accidentals hold to the bar line
    body = layout.beamed(tune.meter, accidentals.explicit(tune))
    return f"%abc-2.1\n{tune.abc(number, body)}"


def _abc(tune: Tune) -> bytes:
    return text(tune).encode()


def _score(tune: Tune) -> bytes:
    return engrave.svg(tune).encode()


_MAKERS: dict[str, Callable[[Tune], bytes]] = {
    "abc": _abc,
    "mid": perform.midi,
    "wav": perform.sound,
    "opus": perform.opus,
    "svg": _score,
    "png": roll.png,
}

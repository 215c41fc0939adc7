"""A tune as files to hear and to see: MIDI, sound, score, piano roll."""

from collections.abc import Callable, Sequence
from pathlib import Path

from seqapps.files import write
from seqapps.tasks.music import engrave, layout, perform, roll
from seqapps.tasks.music.abc import Tune, normalise


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
            "svg" (a score), "png" (a piano roll).

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


def _abc(tune: Tune) -> bytes:
    # by its version readers know that accidentals hold to the bar line
    text = tune.abc(body=layout.beamed(tune.meter, tune.body))
    return f"%abc-2.1\n{text}".encode()


def _score(tune: Tune) -> bytes:
    return engrave.svg(tune).encode()


_MAKERS: dict[str, Callable[[Tune], bytes]] = {
    "abc": _abc,
    "mid": perform.midi,
    "wav": perform.sound,
    "svg": _score,
    "png": roll.png,
}

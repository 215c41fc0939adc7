"""Writes chorales into a folder: the files of each, and one page."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import NamedTuple
from urllib.parse import quote

from seqapps import extras, files, synthesis
from seqapps.tasks.chorale.notation.chorale import VOICES, Chorale
from seqapps.tasks.chorale.rendering import abc, midi, musicxml, roll, score

_MODULES = ("mido", "midirenderer", "pretty_midi", "verovio", "matplotlib")
_ENDINGS = (".musicxml", ".abc", ".mid", ".wav", ".svg", ".png")


class Sound(NamedTuple):
    """How chorales sound.

    Args:
        tempo: crotchets a minute.
        programs: of General MIDI, of each voice, counted from 0.
    """

    tempo: int
    programs: tuple[int, int, int, int]


def require() -> None:
    """Checks that what writes the files is installed.

    Raises:
        InputError: a package is missing.
    """
    extras.require("chorale", *_MODULES)


def write_folder(
    folder: Path,
    chorales: Sequence[Chorale],
    captions: Sequence[str],
    sound: Sound,
) -> list[Path]:
    """Writes the files of every chorale, and the page of all.

    Args:
        folder: is created; no other process may write there meanwhile.
        chorales: complete.
        captions: one line for each, on the page.
        sound: tempo and instruments.

    Returns:
        The paths that were written.

    Raises:
        InputError: the folder cannot be written to.
    """
    files.create_folder(folder)
    paths: list[Path] = []
    articles = []
    with files.lock_folder(folder):
        for number, (chorale, caption) in enumerate(
            zip(chorales, captions, strict=True), 1
        ):
            stem = folder / f"chorale-{number}"
            contents = _contents(chorale, number, sound)
            for ending, content in contents.items():
                path = stem.with_name(stem.name + ending)
                paths.append(files.write_file(path, content))
            articles.append(
                _article(chorale, caption, stem.name, contents[".mid"], sound)
            )
        title = f"{len(chorales)} chorale{'s' * (len(chorales) != 1)}"
        page = _page(title.capitalize(), articles)
        paths.append(files.write_file(folder / "index.html", page))
    return paths


def _contents(
    chorale: Chorale, number: int, sound: Sound
) -> dict[str, bytes | str]:
    """The content of each file, by its ending."""
    mid = midi.render_midi(chorale, tempo=sound.tempo, programs=sound.programs)
    xml = musicxml.write_musicxml(
        chorale, tempo=sound.tempo, programs=sound.programs
    )
    contents = (
        xml,
        abc.write_abc(chorale, number=number, tempo=sound.tempo),
        mid,
        synthesis.render_wav(mid),
        score.draw_svg(chorale),
        roll.draw_png(chorale),
    )
    return dict(zip(_ENDINGS, contents, strict=True))


def _article(
    chorale: Chorale, caption: str, stem: str, mid: bytes | str, sound: Sound
) -> str:
    assert isinstance(mid, bytes)
    name = escape(chorale.title or "A chorale")
    audio = base64.b64encode(synthesis.render_opus(mid)).decode()
    drawn = score.draw_svg(replace(chorale, title=""))
    image = base64.b64encode(drawn.encode()).decode()
    stem = quote(stem)
    links = " ".join(
        f'<a href="{stem}{ending}">{ending}</a>' for ending in _ENDINGS[:4]
    )
    return (
        f'<article id="{stem}"><h2>{name}</h2>\n<p>{escape(caption)}</p>\n'
        f'<audio controls preload="none" aria-label="Sound of {name}">'
        f'<source src="data:audio/ogg;codecs=opus;base64,{audio}" '
        'type="audio/ogg; codecs=opus">'
        f'<source src="{stem}.wav" type="audio/wav"></audio>\n'
        f'<figure class="score"><img alt="Score of {name}" '
        f'src="data:image/svg+xml;base64,{image}"></figure>\n'
        f'<figure class="roll">{roll.draw_svg(chorale, sound.tempo)}</figure>\n'
        f'<div class="files">{links}</div></article>'
    )


def _page(title: str, articles: Sequence[str]) -> str:
    template = resources.files(__package__).joinpath("page.html")
    colours = "\n".join(
        f".v{voice} {{ fill: {colour}; }}"
        for voice, colour in enumerate(roll.COLOURS)
    )
    voices = "".join(
        f'<span style="border-left: .7rem solid {colour}">{name}</span>'
        for name, colour in zip(VOICES, roll.COLOURS, strict=True)
    )
    return Template(template.read_text("utf-8")).substitute(
        title=escape(title),
        colours=colours,
        voices=voices,
        chorales="\n".join(articles),
    )

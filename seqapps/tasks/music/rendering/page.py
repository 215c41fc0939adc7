"""A run of `generate` as one page, to look at the tunes and listen to them.

The page is whole in itself: scores and sound are in it, and it asks nothing of
a network.
"""

import base64
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from importlib import resources
from itertools import chain, groupby
from pathlib import Path
from string import Template
from urllib.parse import quote

from seqapps import files
from seqapps.tasks.music.notation.tune import Tune
from seqapps.tasks.music.rendering import engrave, perform, roll, tune_files

_MOST = 8  # bits; what is more surprising looks no warmer
_STEPS = 2  # colours a bit
_COLOURS = _MOST * _STEPS + 1


@dataclass(frozen=True)
class Entry:
    """A tune on the page.

    Args:
        tune: what is shown and played.
        caption: how it was made, in one line.
        stem: the name, without an ending, of the files beside the page; empty
            when there are none.
        surprise: nats of each token of the body, and perhaps of the end after
            them; None leaves the notes without colour.
        beside: the tune that it varies. It is shown once for all entries in a
            row that vary it.
        changed: numbers (in `bars.measures` of the body) of the measures that
            were written anew.
    """

    tune: Tune
    caption: str
    stem: str = ""
    surprise: Sequence[float] | None = None
    beside: Tune | None = None
    changed: frozenset[int] = frozenset()


def write(path: Path, title: str, entries: Iterable[Entry]) -> int:
    """Writes the page, entry by entry, so that memory stays flat.

    If making an entry is stopped or fails, the page shows those before it.

    Args:
        path: where, beside the files that the entries name.
        title: of the page.
        entries: the tunes, in order. Without any, no page is written.

    Returns:
        How many tunes the page shows.

    Raises:
        ValueError: if an entry's surprise is not that of its tokens.
    """
    entries, shown = iter(entries), 0
    first = next(entries, None)
    if first is None:
        return 0
    head, foot = _frame(title, first.surprise is not None)
    errors: list[BaseException] = []

    def articles():
        nonlocal shown
        try:
            for article in _articles(chain([first], entries)):
                shown += 1
                yield article
        except BaseException as error:
            errors.append(error)

    with files.writing(path) as file:
        for part in chain([head], _placed(articles()), [foot]):
            file.write(part.encode())
        if errors and not shown:
            raise errors[0]  # and write no page
    if errors:
        raise errors[0]
    return shown


def html(title: str, entries: Sequence[Entry]) -> str:
    """The text of the page.

    Args:
        title: of the page.
        entries: the tunes, in order.
    """
    coloured = any(entry.surprise is not None for entry in entries)
    head, foot = _frame(title, coloured)
    return "".join([head, *_placed(_articles(entries)), foot])


def _frame(title: str, coloured: bool) -> tuple[str, str]:
    """What stands before the tunes, and what after them."""
    template = resources.files(__package__).joinpath("page.html")
    head, foot = template.read_text("utf-8").split("$tunes")
    words = {
        "title": escape(title),
        "levels": _levels(),
        "legend": _legend() if coloured else "",
    }
    return Template(head).substitute(words), Template(foot).substitute(words)


def _articles(entries: Iterable[Entry]) -> Iterator[tuple[Tune | None, str]]:
    """The tune that each entry varies, and the entry's article."""
    for number, entry in enumerate(entries):
        yield entry.beside, _article(entry, str(number))


def _placed(articles: Iterable[tuple[Tune | None, str]]) -> Iterator[str]:
    """Puts what varies a tune beside it."""
    groups = groupby(articles, key=lambda pair: pair[0])
    for number, (original, some) in enumerate(groups):
        if original is not None:
            beside = _article(Entry(original, "the original"), f"-o{number}")
            yield (
                f'<section class="pair">\n{beside}\n<div class="variations">\n'
            )
        for _, article in some:
            yield f"{article}\n"
        if original is not None:
            yield "</div>\n</section>\n"


def _article(entry: Entry, number: str) -> str:
    tune = entry.tune
    classes, labels = _looks(entry)
    untitled = replace(tune, title="")  # the page has it as a heading
    drawn = engrave.svg(untitled, classes, labels, entry.changed)
    name = escape(tune.title or "Untitled")
    score = _inline(drawn, f"score{number}", f"Score of {name}")
    notes = roll.svg(tune, classes, labels, entry.changed)
    sound = base64.b64encode(perform.opus(tune)).decode()
    stem = quote(entry.stem)
    # a browser that cannot play Opus takes the file beside the page
    second = f'<source src="{stem}.wav" type="audio/wav">' if stem else ""
    names = ("abc", "mid", "wav") if stem else ()
    links = " ".join(f'<a href="{stem}.{name}">.{name}</a>' for name in names)
    return (
        f'<article id="{stem or f"original-{number}"}">'
        f"<h2>{name}</h2>\n"
        f"<p>{_caption(entry)}</p>\n"
        f'<audio controls preload="none" aria-label="Sound of {name}">'
        f'<source src="data:audio/ogg;codecs=opus;base64,{sound}" '
        f'type="audio/ogg; codecs=opus">{second}</audio>\n'
        f'<figure class="score">{score}</figure>\n'
        f'<figure class="roll">{notes}</figure>\n'
        f'<div class="files">{links}</div>\n'
        "<details><summary>ABC</summary><button>copy</button>"
        f"<pre>{escape(tune_files.text(tune))}</pre></details></article>"
    )


def _caption(entry: Entry) -> str:
    parts = [escape(entry.caption)]
    if entry.surprise is not None and len(entry.surprise):
        mean = math.fsum(entry.surprise) / len(entry.surprise) / math.log(2)
        parts.append(f"{mean:.2f} bits a token")
    if entry.changed:
        parts.append('<span class="tint-key">written anew</span>')
    return " · ".join(part for part in parts if part)


def _looks(entry: Entry) -> tuple[list[str], list[str]]:
    """CSS classes and labels of the tokens; `n5` is the name of the fifth."""
    tokens = entry.tune.body.split()
    classes = [f"n{i}" for i in range(len(tokens))]
    if entry.surprise is None:
        return classes, []
    if len(entry.surprise) - len(tokens) not in (0, 1):
        raise ValueError(
            f"{len(tokens)} tokens, but the surprise of {len(entry.surprise)}"
        )
    bits = [nats / math.log(2) for nats in entry.surprise[: len(tokens)]]
    return (
        [f"{c} s{_level(b)}" for c, b in zip(classes, bits, strict=True)],
        [f"{t}: {b:.1f} bits" for t, b in zip(tokens, bits, strict=True)],
    )


def _level(bits: float) -> int:
    return int(min(max(bits, 0), _MOST) * _STEPS)


def _levels() -> str:
    """What each class of surprise has of the middle and the last colour."""
    parts = [200 * level / (_COLOURS - 1) for level in range(_COLOURS)]
    return "\n".join(
        f".s{level} {{ --first: {min(part, 100):g}%; "
        f"--second: {max(part - 100, 0):g}%; }}"
        for level, part in enumerate(parts)
    )


def _legend() -> str:
    steps = "".join(
        f'<i class="s{level}" title="{level / _STEPS:g} bits"></i>'
        for level in range(_COLOURS)
    )
    return (
        '<input type="checkbox" id="surprise" checked> '
        '<label for="surprise">colour notes by surprise</label>\n'
        f'<p class="legend">0 bits {steps} {_MOST} bits or more: how little '
        "the network expected each note. 1 bit: it gave it one chance in 2; "
        f"{_MOST} bits: one in {2**_MOST}.</p>"
    )


def _inline(svg: str, name: str, label: str) -> str:
    """An engraved score, fit to stand with others in one page.

    Args:
        svg: as Verovio writes it.
        name: of this score; its shapes are kept apart from the others' by it.
        label: HTML, for those who do not see the score.
    """
    width, height, own = re.match(  # type: ignore
        r'<svg width="([\d.]+)px" height="([\d.]+)px"[^>]* id="(\w+)">', svg
    ).groups()
    body = svg.partition(">")[2]
    # what it says of style, for ids that go, is in the page's style sheet
    body = re.sub(r"(?s)<style.*?</style>|<desc>.*?</desc>", "", body)
    body = re.sub(rf' id="(?!\w+-{own}")[^"]*"', "", body)
    body = body.replace(f"-{own}", f"-{name}").replace("xlink:href", "href")
    body = re.sub(r">\s+<", "><", body)
    return (
        f'<svg role="img" aria-label="{label}" '
        f'viewBox="0 0 {width} {height}">{body}'
    )

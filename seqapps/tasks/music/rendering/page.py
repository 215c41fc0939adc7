"""Writes the tunes of one run as an HTML page, to look at and listen to.

The page is self-contained: scores and sound are in it, and it loads nothing
from the internet.
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

_MAX_BITS = 8  # of information; notes with more have the same colour
_COLOURS_PER_BIT = 2
_COLOURS = _MAX_BITS * _COLOURS_PER_BIT + 1


@dataclass(frozen=True)
class Entry:
    """A tune on the page.

    Args:
        tune: what is shown and played.
        caption: how it was made, in one line.
        stem: the name, without an ending, of the files beside the page; empty
            if there are none.
        nats: negative log-likelihood of each token of the body, and perhaps
            of the end; None leaves the notes without colour.
        original: the tune that it varies. It is shown once for all entries in
            a row that vary it.
        changed: indices into `split_measures` of the measures that were
            rewritten.
    """

    tune: Tune
    caption: str
    stem: str = ""
    nats: Sequence[float] | None = None
    original: Tune | None = None
    changed: frozenset[int] = frozenset()


def write_page(path: Path, title: str, entries: Iterable[Entry]) -> int:
    """Writes the page entry by entry, so that memory stays flat.

    If making an entry fails or is interrupted, the page shows those before it.

    Args:
        path: of the page, in the folder of the files that the entries name.
        title: of the page.
        entries: the tunes, in order. Without any, no page is written.

    Returns:
        How many tunes the page shows.

    Raises:
        ValueError: an entry's `nats` do not fit its tokens.
    """
    entries = iter(entries)
    shown = 0
    first = next(entries, None)
    if first is None:
        return 0
    head, foot = _frame(title, first.nats is not None)
    errors: list[BaseException] = []

    def articles() -> Iterator[tuple[Tune | None, str]]:
        nonlocal shown
        try:
            for article in _articles(chain([first], entries)):
                shown += 1
                yield article
        except BaseException as error:
            errors.append(error)

    with files.atomic_file(path) as file:
        for part in chain([head], _beside_originals(articles()), [foot]):
            file.write(part.encode())
        if errors and not shown:
            raise errors[0]  # and write no page
    if errors:
        raise errors[0]
    return shown


def render_html(title: str, entries: Sequence[Entry]) -> str:
    """Returns the text of the page.

    Args:
        title: of the page.
        entries: the tunes, in order.
    """
    coloured = any(entry.nats is not None for entry in entries)
    head, foot = _frame(title, coloured)
    return "".join([head, *_beside_originals(_articles(entries)), foot])


def _frame(title: str, coloured: bool) -> tuple[str, str]:
    """Returns what stands before the tunes and what stands after them."""
    template = resources.files(__package__).joinpath("page.html")
    head, foot = template.read_text("utf-8").split("$tunes")
    values = {
        "title": escape(title),
        "levels": _colour_rules(),
        "legend": _legend() if coloured else "",
    }
    return Template(head).substitute(values), Template(foot).substitute(values)


def _articles(entries: Iterable[Entry]) -> Iterator[tuple[Tune | None, str]]:
    """Yields the tune that each entry varies, and the entry's article."""
    for number, entry in enumerate(entries):
        yield entry.original, _article(entry, str(number))


def _beside_originals(
    articles: Iterable[tuple[Tune | None, str]],
) -> Iterator[str]:
    """Puts variations beside the tune that they vary."""
    groups = groupby(articles, key=lambda pair: pair[0])
    for number, (original, group) in enumerate(groups):
        if original is not None:
            article = _article(Entry(original, "the original"), f"-o{number}")
            yield f'<section class="pair">\n{article}\n'
            yield '<div class="variations">\n'
        for _, article in group:
            yield f"{article}\n"
        if original is not None:
            yield "</div>\n</section>\n"


def _article(entry: Entry, number: str) -> str:
    tune = entry.tune
    classes, labels = _token_styles(entry)
    untitled = replace(tune, title="")  # the page has it as a heading
    score = engrave.draw_svg(untitled, classes, labels, entry.changed)
    name = escape(tune.title or "Untitled")
    score = _inline(score, f"score{number}", f"Score of {name}")
    piano_roll = roll.draw_svg(tune, classes, labels, entry.changed)
    sound = base64.b64encode(perform.render_opus(tune)).decode()
    stem = quote(entry.stem)
    # a browser that cannot play Opus takes the file beside the page
    fallback = f'<source src="{stem}.wav" type="audio/wav">' if stem else ""
    names = ("abc", "mid", "wav") if stem else ()
    links = " ".join(f'<a href="{stem}.{name}">.{name}</a>' for name in names)
    return (
        f'<article id="{stem or f"original-{number}"}">'
        f"<h2>{name}</h2>\n"
        f"<p>{_caption(entry)}</p>\n"
        f'<audio controls preload="none" aria-label="Sound of {name}">'
        f'<source src="data:audio/ogg;codecs=opus;base64,{sound}" '
        f'type="audio/ogg; codecs=opus">{fallback}</audio>\n'
        f'<figure class="score">{score}</figure>\n'
        f'<figure class="roll">{piano_roll}</figure>\n'
        f'<div class="files">{links}</div>\n'
        "<details><summary>ABC</summary><button>copy</button>"
        f"<pre>{escape(tune_files.abc_text(tune))}</pre></details></article>"
    )


def _caption(entry: Entry) -> str:
    parts = [escape(entry.caption)]
    if entry.nats is not None and len(entry.nats):
        mean = math.fsum(entry.nats) / len(entry.nats) / math.log(2)
        parts.append(f"{mean:.2f} bits a token")
    if entry.changed:
        parts.append('<span class="tint-key">rewritten</span>')
    return " · ".join(part for part in parts if part)


def _token_styles(entry: Entry) -> tuple[list[str], list[str]]:
    """Returns CSS classes and tooltips of the tokens; `n5` names token 5."""
    tokens = entry.tune.body.split()
    classes = [f"n{i}" for i in range(len(tokens))]
    if entry.nats is None:
        return classes, []
    if len(entry.nats) - len(tokens) not in (0, 1):
        raise ValueError(f"{len(tokens)} tokens, but nats of {len(entry.nats)}")
    bits = [nats / math.log(2) for nats in entry.nats[: len(tokens)]]
    return (
        [f"{c} s{_colour(b)}" for c, b in zip(classes, bits, strict=True)],
        [f"{t}: {b:.1f} bits" for t, b in zip(tokens, bits, strict=True)],
    )


def _colour(bits: float) -> int:
    return int(min(max(bits, 0), _MAX_BITS) * _COLOURS_PER_BIT)


def _colour_rules() -> str:
    """Returns CSS: each class's share of the middle and of the last colour."""
    percents = [200 * colour / (_COLOURS - 1) for colour in range(_COLOURS)]
    return "\n".join(
        f".s{colour} {{ --first: {min(percent, 100):g}%; "
        f"--second: {max(percent - 100, 0):g}%; }}"
        for colour, percent in enumerate(percents)
    )


def _legend() -> str:
    scale = "".join(
        f'<i class="s{colour}" title="{colour / _COLOURS_PER_BIT:g} bits"></i>'
        for colour in range(_COLOURS)
    )
    return (
        '<input type="checkbox" id="surprise" checked> '
        '<label for="surprise">colour notes by how unlikely they are</label>\n'
        f'<p class="legend">0 bits {scale} {_MAX_BITS} bits or more: how '
        "unlikely the network found each note. 1 bit is a probability of 1 in "
        f"2; {_MAX_BITS} bits, 1 in {2**_MAX_BITS}.</p>"
    )


def _inline(svg: str, name: str, label: str) -> str:
    """Returns a score that can stand with others in one page.

    Args:
        svg: as Verovio writes it.
        name: of this score; it makes the ids of its shapes unique.
        label: HTML, for screen readers.
    """
    size = re.match(
        r'<svg width="([\d.]+)px" height="([\d.]+)px"[^>]* id="(\w+)">', svg
    )
    if size is None:
        raise ValueError("Verovio wrote another kind of SVG")
    width, height, suffix = size.groups()
    body = svg.partition(">")[2]
    # the style sheet of the page has Verovio's rules
    body = re.sub(r"(?s)<style.*?</style>|<desc>.*?</desc>", "", body)
    body = re.sub(rf' id="(?!\w+-{suffix}")[^"]*"', "", body)
    body = body.replace(f"-{suffix}", f"-{name}").replace("xlink:href", "href")
    body = re.sub(r">\s+<", "><", body)
    return (
        f'<svg role="img" aria-label="{label}" '
        f'viewBox="0 0 {width} {height}">{body}'
    )

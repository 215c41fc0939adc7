"""Markdown: the text is translated, and its marks and code stay."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

from seqapps.tasks.translation.documents import web_page
from seqapps.tasks.translation.documents.fragments import Builder, Parts, Slot
from seqapps.tasks.translation.documents.line_breaks import share

_FRONT = re.compile(r"(---|\+\+\+)[ \t]*\n.*?^\1[ \t]*(?:\n|\Z)", re.S | re.M)
# what begins a block, and should not begin a line of a paragraph
_BLOCK = re.compile(
    r"(?:[-+*>#|:]|[-=]+|\d+[.)]|`{3,}|~{3,})(?:\s|$)|[#>|]|```"
)
_TASK = re.compile(r"\[[ xX]\][ \t]+")
_NAME = re.compile(r"</?([A-Za-z][\w-]*)")
_LINK_END = re.compile(
    r"\]\([ \t\n]*(?:<[^<>\n]*>|(?:[^()\s\\]|\\.|\((?:[^()\s\\]|\\.)*\))*)"
    r"(?:[ \t\n]+(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"
    r"|\((?:[^()\\]|\\.)*\)))?[ \t\n]*\)|\]\[[^\[\]]*\]|\]",
    re.S,
)
_AUTOLINK = re.compile(r"<[^<>\s]*>")
_FOOTNOTE = re.compile(r"(\[\^[^\]\s]+\]:?|\$\$?[^$\n]+\$\$?)")


def read(text: str) -> Parts:
    """Reads a document of CommonMark, with tables.

    Paragraphs, headings, items and cells are translated; emphasis and links
    are put around the same words again. Code, addresses, images, HTML that is
    no text, formulas, and the front matter stay as they are. A paragraph that
    is broken into lines is broken at the same width.
    """
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.disable("text_join")
    front = _FRONT.match(text)
    head = front[0] if front else ""
    lines = text[len(head) :].splitlines(keepends=True)
    parts: Parts = [head]
    line = column = 0
    for token in parser.parse(text[len(head) :]):
        if token.type == "html_block":
            start, end = token.map
            parts += [lines[line][column:], *lines[line + 1 : start]][
                : max(start - line, 0)
            ]
            parts += web_page.read("".join(lines[start:end]))
            line, column = end, 0
        if token.type != "inline" or not token.map or not token.content:
            continue
        places = _places(lines, token, line, column)
        if not places:
            continue
        slot, before, after = _slot(token, lines, places)
        if not slot:
            continue
        first, start, _ = places[0]
        last, _, end = places[-1]
        if first == line:
            parts.append(lines[line][column:start])
        else:
            parts += [lines[line][column:], *lines[line + 1 : first]]
            parts.append(lines[first][:start])
        parts += [before, slot, after]
        line, column = last, end
    if line < len(lines):
        parts += [lines[line][column:], *lines[line + 1 :]]
    return parts


def _places(
    lines: Sequence[str], token: Any, line: int, column: int
) -> list[tuple[int, int, int]]:
    """Where each line of a token's content stands: line, start and end."""
    places = []
    number = token.map[0]
    for part in token.content.split("\n"):
        part = part.strip()
        start = -1
        while number < token.map[1] and start < 0:
            at = column if number == line else 0
            start = lines[number].find(part, at)
            number += 1
        if start < 0:  # written otherwise, as with \| in a table
            return []
        places.append((number - 1, start, start + len(part)))
        if len(places) == 1 and places[0][0] == line:
            column = start + len(part)
    return places


def _slot(
    token: Any, lines: Sequence[str], places: Sequence[tuple[int, int, int]]
) -> tuple[Slot | None, str, str]:
    """The slot of a token, and white space before and after it."""
    builder = Builder()
    hard: list[str] = []  # ends of lines where a text is to be broken
    soft = 1  # lines since
    lengths = [[len(part) for part in token.content.split("\n")]]
    for kind, raw in _pieces(token):
        if kind == "text":
            for i, part in enumerate(_FOOTNOTE.split(raw)):
                (builder.add_mask if i % 2 else builder.add_text)(part)
        elif kind == "mask":
            builder.add_mask(raw)
        elif kind == "soft":
            builder.add_text(" ")
            soft += 1
        elif kind == "hard":
            builder.add_break()
            lengths += [lengths[-1][soft:]]
            del lengths[-2][soft:]
            hard.append(raw)
            soft = 1
        elif kind == "point":
            builder.add_point(raw)
        elif kind.startswith("/"):
            builder.close(raw, kind[1:])
        else:
            builder.open(raw, kind)
    first = places[0][0]
    line_end = "\r\n" if lines[first].endswith("\r\n") else "\n"
    begin = lines[places[1][0]][: places[1][1]] if len(places) > 1 else ""

    def finish(translation: str, unsure: bool) -> list[str]:
        written = ""
        parts = translation.split("\n") if hard else [translation]
        for part, sizes, mark in zip_longest(parts, lengths, hard):
            broken = _joined(share(part or "", sizes or [1]))
            written += (line_end + begin).join(broken)
            written += (mark or "").replace("\n", line_end + begin)
        return [written]

    fragment, after = builder.build(finish=finish)
    return Slot(fragment) if fragment else None, builder.before, after


def _joined(lines: Sequence[str]) -> list[str]:
    """Joins a line that would begin a block to the one before."""
    joined = [lines[0]]
    for line in lines[1:]:
        if not line or _BLOCK.match(line):
            joined[-1] = f"{joined[-1]} {line}".rstrip()
        else:
            joined.append(line)
    return joined


def _pieces(token: Any) -> Iterator[tuple[str, str]]:
    """Yields pieces of an inline token, with how each is written."""
    content, at = token.content, 0
    task = _TASK.match(content)
    if task:
        yield "point", task[0]
    skip = len(task[0]) if task else 0
    links: list[bool] = []  # whether it is in angle brackets

    def until(raw: str) -> str:
        """What stands from here to the end of `raw`."""
        nonlocal at
        start = content.find(raw, at)
        start = at if start < 0 else start
        found = content[at : start + len(raw)]
        at = start + len(raw)
        return found

    for child in token.children:
        kind = child.type
        if links and links[-1] and kind != "link_close":
            continue  # written with its brackets
        if kind == "text":
            text = until(child.content)
            yield "text", text[skip:]
            skip = 0
        elif kind == "text_special":
            yield "mask", until(child.markup)
        elif kind in ("softbreak", "hardbreak"):
            raw = until("\n")
            yield ("soft" if kind == "softbreak" else "hard"), raw
        elif kind == "code_inline":
            found = re.compile(rf"({child.markup})(?!`).*?(?<!`)\1(?!`)", re.S)
            yield "mask", until(found.search(content, at)[0])
        elif kind == "image":
            start = content.index("![", at)
            end = start + 2 + len(_alternative(content, start))
            yield (
                "mask",
                until(content[start : _LINK_END.match(content, end).end()]),
            )
        elif kind == "html_inline":
            raw, name = until(child.content), _NAME.match(child.content)
            if not name or child.content.endswith("/>"):
                yield "point", raw
            else:
                yield "/" * (child.content[1] == "/") + name[1].lower(), raw
        elif kind == "link_open":
            links.append(child.info == "auto")
            yield ("mask", until(">")) if links[-1] else ("link", until("["))
        elif kind == "link_close":
            if links.pop():
                continue
            yield "/link", until(_LINK_END.match(content, at)[0])
        elif kind.endswith("_open"):
            yield kind.removesuffix("_open"), until(child.markup)
        elif kind.endswith("_close"):
            yield "/" + kind.removesuffix("_close"), until(child.markup)


def _alternative(content: str, start: int) -> str:
    """What stands between the brackets of an image."""
    depth, i = 0, start + 1
    while i < len(content):
        if content[i] == "\\":
            i += 1
        depth += (content[i : i + 1] == "[") - (content[i : i + 1] == "]")
        if not depth:
            break
        i += 1
    return content[start + 2 : i]

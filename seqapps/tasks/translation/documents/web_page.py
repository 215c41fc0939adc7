"""HTML: the text is translated, and all else stays, byte for byte."""

import html
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from itertools import accumulate
from typing import NamedTuple

from seqapps.tasks.translation.documents.fragments import Builder, Parts, Slot

_CHARSET = re.compile(rb"<meta[^>]*charset=[\"']?\s*([\w-]+)", re.I)
_VOID = set(
    "area base br col embed hr img input link meta param source track wbr"
    .split()
)  # fmt: skip
# around a part of a sentence; all others begin and end one
_INLINE = set(
    "a abbr acronym b bdi bdo big cite data del dfn em font i ins label mark q"
    " s small span strike strong sub sup time tt u".split()
)
_OBJECTS = set("img input".split())  # stand in a sentence, as a word does
_POINTS = set("wbr".split())
# what is inside is not translated: in a sentence it stands as a word does
_CODE = set("code kbd samp var math svg".split())
_UNTOUCHED = set("script style pre textarea template".split())


class _Token(NamedTuple):
    kind: str  # "text", "start", "empty", "end" or "other"
    raw: str
    name: str = ""  # of a tag
    is_kept: bool = False  # whether the tag says that nothing is translated


def read(text: str) -> Parts:
    """Reads a page.

    A sentence goes on through tags such as `<b>` and `<a>`, which are put
    around the same words again. Attributes, comments, `<code>`, `<pre>`,
    `<script>`, `<style>` and what has `translate="no"` stay as they are.

    Args:
        text: HTML, perhaps with faults.
    """
    parts: Parts = []
    builder, raws = Builder(), []  # of a fragment, and how it is written

    def flush() -> None:
        nonlocal builder, raws
        fragment, after = builder.build(escape=_escape)
        if fragment:
            parts.extend([builder.before, Slot(fragment), after])
        else:
            parts.extend(raws)
        builder, raws = Builder(), []

    tokens = _Tokens(text).tokens
    i = 0
    while i < len(tokens):
        token = tokens[i]
        end = i + 1
        name, is_start = token.name, token.kind == "start"
        is_kept = name in _CODE | _UNTOUCHED or token.is_kept
        if is_start and is_kept and name not in _VOID:
            end = _end_of(tokens, i)
        raw = "".join(token.raw for token in tokens[i:end])
        is_inline = name in _INLINE | _CODE
        if token.kind == "text":
            builder.add_text(html.unescape(raw))
        elif end > i + 1 and is_inline or name in _OBJECTS:
            builder.add_mask(raw)
        elif name in _POINTS or (name in _INLINE and token.kind == "empty"):
            builder.add_point(raw)
        elif name in _INLINE and is_start:
            builder.open(raw, name)
        elif name in _INLINE and token.kind == "end":
            builder.close(raw, name)
        elif token.kind == "other" and not builder.is_empty():
            builder.add_point(raw)
        else:
            flush()
            parts.append(raw)
            i = end
            continue
        raws.append(raw)
        i = end
    flush()
    return parts


def _end_of(tokens: Sequence[_Token], start: int) -> int:
    """The index after the end tag of a start tag, or after the start tag."""
    depth = 0
    for i in range(start, len(tokens)):
        if tokens[i].name == tokens[start].name:
            depth += (tokens[i].kind == "start") - (tokens[i].kind == "end")
            if not depth:
                return i + 1
    return start + 1


def _escape(text: str) -> str:
    return html.escape(text, quote=False).replace("\xa0", "&nbsp;")


class _Tokens(HTMLParser):
    """Cuts a page into tags and text; joined they are the page."""

    def __init__(self, text: str):
        super().__init__(convert_charrefs=False)
        lengths = map(len, text.split("\n"))
        self._lines = [0, *accumulate(length + 1 for length in lengths)]
        self._found: list[tuple[int, str, str, bool]] = []
        self.feed(text)
        self.close()
        starts = [start for start, *_ in self._found]
        ends = [*starts[1:], len(text)]
        self.tokens = [
            _Token(kind, text[start:end], name, is_kept)
            for (start, kind, name, is_kept), end in zip(
                self._found, ends, strict=True
            )
        ]
        if starts and starts[0]:
            self.tokens.insert(0, _Token("text", text[: starts[0]]))

    def _add(self, kind: str, name: str = "", is_kept: bool = False) -> None:
        line, column = self.getpos()
        self._found.append(
            (self._lines[line - 1] + column, kind, name, is_kept)
        )

    def _add_start(
        self, kind: str, name: str, attrs: Sequence[tuple[str, str | None]]
    ) -> None:
        values = dict(attrs)
        is_kept = (values.get("translate") or "").lower() == "no"
        is_kept |= "notranslate" in (values.get("class") or "").split()
        self._add(kind, name, is_kept)

    def handle_starttag(self, tag, attrs):
        self._add_start("start", tag, attrs)

    def handle_startendtag(self, tag, attrs):
        self._add_start("empty", tag, attrs)

    def handle_endtag(self, tag):
        self._add("end", tag)

    def handle_data(self, data):
        self._add("text")

    def handle_entityref(self, name):
        self._add("text")

    def handle_charref(self, name):
        self._add("text")

    def handle_comment(self, data):
        self._add("other")

    def handle_decl(self, decl):
        self._add("other")

    def handle_pi(self, data):
        self._add("other")

    def unknown_decl(self, data):
        self._add("other")


def declared_encoding(head: bytes) -> str:
    """The encoding that a page declares for itself, or ""."""
    import re

    found = re.search(
        rb"<meta[^>]*charset=[\"']?\s*([\w-]+)", head[:4096], re.I
    )
    return found[1].decode() if found else ""

"""A file of ABC cut into tunes, as version 2.1 of the standard has it.

A tune goes from its `X:` to the next empty line (section 2.2.1); what stands
between that and the next `X:` is text (2.2.3). Fields in the file's header
hold for all of its tunes (2.2.2). A file without any `X:` has a tune wherever
a block of lines has a `K:`.
"""

import re
from collections.abc import Iterator

_FIELD = re.compile(r"[A-Za-z+]:")
_TAGS = re.compile(r"(?:\s*</?[A-Za-z!][^<>\n]{0,500}>)+")
_BREAK = re.compile(r"<br ?/?>\s*$", re.IGNORECASE)
_LONG = 200  # characters that a field of a file's header has
_HELD = ("L:", "M:", "Q:", "K:")  # what a file's header may say for its tunes


def split(text: str) -> Iterator[str]:
    r"""Cuts a file into tunes.

    Args:
        text: a whole file.

    Yields:
        Each tune from its `X:` on, with the fields of the file's header.

    Example:
        >>> list(split("M:3/4\n\nA file.\n\nX:1\nK:C\nA6|\n\nText."))
        ['X:1\nM:3/4\nK:C\nA6|\n']
    """
    blocks = list(_blocks(text))
    numbered = any(line.startswith("X:") for b in blocks for line in b)
    header: dict[str, str] = {}
    for block in blocks:
        starts = [i for i, line in enumerate(block) if line[:2] == "X:"]
        keyed = any(line.startswith("K:") for line in block)
        if not numbered and keyed:
            starts = [0]
        if not starts and all(map(_no_music, block)):
            header |= {
                line[:2]: line
                for line in block
                if line.startswith(_HELD) and len(line) < _LONG
            }
        ends = [*starts[1:], None]
        for start, end in zip(starts, ends, strict=False):
            yield _joined(block[start:end], header)


def cut(text: str) -> list[str]:
    """The lines of a tune up to the empty line that ends it.

    Args:
        text: one tune; empty lines before it are left aside.
    """
    return next(_blocks(text), [])


def _blocks(text: str) -> Iterator[list[str]]:
    """Lines between empty lines; texts and pages around them are empty."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    last = {  # the last line that ends a text of each kind
        line[5:].split()[0]: i
        for i, line in enumerate(lines)
        if line.startswith("%%end") and line[5:].strip()
    }
    block: list[str] = []
    end = ""  # of the text that we are in
    for i, line in enumerate(lines):
        if end:
            end = "" if line.startswith(end) else end
            continue
        if line.startswith("%%begin") and line[7:].strip():
            kind = line[7:].split()[0]
            if last.get(kind, -1) > i:
                end = f"%%end{kind}"
                continue
        if line.lstrip().startswith("<") and (tags := _TAGS.match(line)):
            line = line[tags.end() :].lstrip()
            if not line.startswith("X:"):
                line = ""
        if "<" in line:
            line = _BREAK.sub("", line)
        if line.strip():
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _no_music(line: str) -> bool:
    return line.startswith("%") or bool(_FIELD.match(line))


def _joined(tune: list[str], header: dict[str, str]) -> str:
    """A tune with what the file's header says and it does not."""
    first = tune[:1] if tune[0].startswith("X:") else []
    rest = tune[len(first) :]
    given = [f for name, f in header.items() if name != "K:"]
    if "K:" in header and not any(f.startswith("K:") for f in rest):
        music = (i for i, line in enumerate(rest) if not _no_music(line))
        rest.insert(next(music, len(rest)), header["K:"])
    return "\n".join([*first, *given, *rest]) + "\n"

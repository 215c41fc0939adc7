"""Splits a file of ABC into tunes, by version 2.1 of the standard.

A tune goes from its `X:` to the next empty line (section 2.2.1); what stands
between that and the next `X:` is text (2.2.3). Fields in the header of the
file hold for all of its tunes (2.2.2). In a file without any `X:`, every block
of lines with a `K:` is a tune.
"""

import re
from collections.abc import Iterator

_FIELD = re.compile(r"[A-Za-z+]:")
_TAGS = re.compile(r"(?:\s*</?[A-Za-z!][^<>\n]{0,500}>)+")
_BREAK = re.compile(r"<br ?/?>\s*$", re.IGNORECASE)
_MAX_FIELD = 200  # characters of a field in the header of a file
_FILE_FIELDS = ("L:", "M:", "Q:", "K:")  # that hold for all its tunes


def split_tunes(text: str) -> Iterator[str]:
    r"""Splits a file into tunes.

    Args:
        text: a whole file.

    Yields:
        Each tune from its `X:` on, with the fields of the file's header.

    Example:
        >>> list(split_tunes("M:3/4\n\nA file.\n\nX:1\nK:C\nA6|\n\nText."))
        ['X:1\nM:3/4\nK:C\nA6|\n']
    """
    blocks = list(_blocks(text))
    numbered = any(line.startswith("X:") for b in blocks for line in b)
    header: dict[str, str] = {}
    for block in blocks:
        starts = [i for i, line in enumerate(block) if line[:2] == "X:"]
        has_key = any(line.startswith("K:") for line in block)
        if not numbered and has_key:
            starts = [0]
        if not starts and all(map(_no_music, block)):
            header |= {
                line[:2]: line
                for line in block
                if line.startswith(_FILE_FIELDS) and len(line) < _MAX_FIELD
            }
        ends = [*starts[1:], None]
        for start, end in zip(starts, ends, strict=False):
            yield _with_file_fields(block[start:end], header)


def first_tune_lines(text: str) -> list[str]:
    """Returns the lines of a tune up to the empty line that ends it.

    Args:
        text: one tune; empty lines before it are skipped.
    """
    return next(_blocks(text), [])


def _blocks(text: str) -> Iterator[list[str]]:
    """Yields runs of lines; free text and HTML count as empty lines."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    last_ends = {  # by kind of text: the last line that ends one
        line[5:].split()[0]: i
        for i, line in enumerate(lines)
        if line.startswith("%%end") and line[5:].strip()
    }
    block: list[str] = []
    end = ""  # what closes the text that we are in
    for i, line in enumerate(lines):
        if end:
            end = "" if line.startswith(end) else end
            continue
        if line.startswith("%%begin") and line[7:].strip():
            kind = line[7:].split()[0]
            if last_ends.get(kind, -1) > i:
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
    """Whether a line is a comment or a field."""
    return line.startswith("%") or bool(_FIELD.match(line))


def _with_file_fields(tune: list[str], header: dict[str, str]) -> str:
    """Returns a tune with the fields of the file's header added."""
    first = tune[:1] if tune[0].startswith("X:") else []
    rest = tune[len(first) :]
    fields = [f for name, f in header.items() if name != "K:"]
    if "K:" in header and not any(f.startswith("K:") for f in rest):
        music = (i for i, line in enumerate(rest) if not _no_music(line))
        rest.insert(next(music, len(rest)), header["K:"])
    return "\n".join([*first, *fields, *rest]) + "\n"

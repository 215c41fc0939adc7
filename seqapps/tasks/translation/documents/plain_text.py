"""Plain text: paragraphs that are broken into lines are read as one."""

import re
from collections.abc import Sequence

from seqapps.tasks.translation.documents.line_breaks import share
from seqapps.tasks.translation.importers.input_lines import Line

_NARROWEST, _WIDEST = 40, 100  # characters of a paragraph that is broken
_ENDED = re.compile(r".*[.!?…:;。！？][\"'»”’)\]]*\s*", re.S)


def join(lines: Sequence[Line]) -> list[Line]:
    """Joins lines that a sentence goes on through.

    A sentence goes on if a line ends without a mark, the next begins with a
    lower-case letter, as far from the margin, and its first word would not
    have fitted: the longest line of the block, which ends with an empty line,
    is the width.

    Returns:
        Lines that have the number of their first.
    """
    heads = [line.head for line in lines]
    groups: list[list[Line]] = []
    for i, (line, width) in enumerate(zip(lines, _widths(heads), strict=True)):
        if i and _goes_on(heads[i - 1], line.head, width):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [_joined(group) if len(group) > 1 else group[0] for group in groups]


def _joined(group: Sequence[Line]) -> Line:
    head = " ".join(line.head.strip() for line in group)
    return Line(group[0].number, head, len(head), group[0].most)


def _widths(lines: Sequence[str]) -> list[int]:
    """The longest line of the block that each is of."""
    widths: list[int] = []
    block: list[str] = []
    for line in [*lines, ""]:
        block.append(line)
        if not line.strip():
            widths += [max(len(b.rstrip()) for b in block)] * len(block)
            block = []
    return widths[: len(lines)]


def _goes_on(before: str, line: str, width: int) -> bool:
    text = line.lstrip()
    if not text[:1].islower() or _ENDED.fullmatch(before):
        return False
    if not before.strip() or _margin(before) != _margin(line):
        return False
    fitted = len(before.rstrip()) + 1 + len(text.split()[0]) <= width
    return _NARROWEST <= width <= _WIDEST and not fitted


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())


def write(
    lines: Sequence[Line], joined: Sequence[Line], translations: Sequence[str]
) -> str:
    """Writes translations in the places of the lines.

    A translation is broken into as many lines, as long in proportion; white
    space at the beginning and the end of a line is as it was.

    Args:
        lines: as they were read.
        joined: see `join`.
        translations: of these.
    """
    ends = [*(line.number for line in joined[1:]), lines[-1].number + 1]
    rest = iter(lines)
    written = ""
    for line, end, text in zip(joined, ends, translations, strict=True):
        group = [next(rest) for _ in range(end - line.number)]
        sizes = [len(part.head.strip()) for part in group]
        for part, shown in zip(group, share(text, sizes), strict=True):
            margin = part.head[: _margin(part.head)]
            after = part.head[len(part.head.rstrip()) :]
            is_empty = not part.head.strip()
            written += part.head if is_empty else margin + shown + after
            written += part.end
    return written

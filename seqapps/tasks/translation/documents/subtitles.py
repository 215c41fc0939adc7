"""Subtitles, .srt and .vtt: numbers and times stay, the text is translated."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seqapps.errors import InputError
from seqapps.tasks.translation.documents.fragments import Builder, Parts, Slot
from seqapps.tasks.translation.documents.line_breaks import balance, share

_TIME = r"(?:\d+:)?\d{1,2}:\d{1,2}[,.]\d{1,3}"
_TIMES = re.compile(rf"[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}.*")
_TAG = re.compile(r"(</?[A-Za-z][^<>\n]*>|<[\d:.]+>|\{\\[^{}\n]*\})")
_NAME = re.compile(r"</?([A-Za-z]+)")
_SPEAKER = re.compile(r"[ \t]*(?:[-–—][ \t]*|[A-ZÁÉÍÓÚÑ]{2,20}: )")
_TAGS = rf"(?:\s|{_TAG.pattern})*"
_BEFORE = re.compile(rf"{_TAGS}(?:{_SPEAKER.pattern})?{_TAGS}")
_AFTER = re.compile(rf"{_TAGS}$")
_ENDED = re.compile(r".*[.!?…:;。！？♪\])][\"'»”’]*\s*", re.DOTALL)
_TAG_MARK = "\U000f0000"  # stands for a tag while lines are broken
_MOST_CUES = 4  # that one sentence goes on through
_LEAST_WIDTH = 32  # characters of a line


@dataclass
class _Part:
    """What one speaker says in a cue.

    Attributes:
        before: white space, tags, and the dash or the name of the speaker.
        text: in lines.
        after: tags, and the end of the last line.
    """

    before: str
    text: str
    after: str


def read(text: str) -> Parts:
    """Reads subtitles.

    A sentence that goes on in the next cue is translated once, and cut where
    as large a share of it stands; a cue has as many lines as before, and more
    if one were longer than all in the file.

    Args:
        text: SubRip, or WebVTT.

    Raises:
        InputError: there is no cue.
    """
    items = list(_items(text))
    spoken = [item for item in items if isinstance(item, _Part)]
    if not spoken:
        raise InputError("there is no line of times, 00:00:01,000 --> ...")
    lines = [line for part in spoken for line in part.text.splitlines()]
    width = max(_LEAST_WIDTH, *map(_width, lines))
    slots: Iterator[str | Slot] = iter(
        slot for group in _groups(spoken) for slot in _slots(group, width)
    )
    parts: Parts = []
    for item in items:
        if isinstance(item, str):
            parts.append(item)
        else:
            parts += [item.before, next(slots), item.after]
    return parts


def _items(text: str) -> Iterator[str | _Part]:
    """Yields what is copied, and what is said."""
    said: list[str] = []
    inside = False
    for line in text.splitlines(keepends=True):
        if inside and line.strip():
            if said and not _SPEAKER.match(_TAG.sub("", line)):
                said[-1] += line
            else:
                said.append(line)
            continue
        yield from map(_part, said)
        yield line
        said, inside = [], bool(_TIMES.match(line))
    yield from map(_part, said)


def _part(text: str) -> _Part:
    before = _BEFORE.match(text)[0]
    after = _AFTER.search(text, len(before))[0]
    return _Part(before, text[len(before) : len(text) - len(after)], after)


def _groups(spoken: Sequence[_Part]) -> Iterator[list[_Part]]:
    """Yields the parts that a sentence goes on through."""
    group: list[_Part] = []
    for part in spoken:
        if group and not _goes_on(group, part):
            yield group
            group = []
        group.append(part)
    if group:
        yield group


def _goes_on(group: Sequence[_Part], part: _Part) -> bool:
    return (
        len(group) < _MOST_CUES
        and part.text[:1].islower()
        and not _SPEAKER.match(_TAG.sub("", part.before))
        and not _ENDED.fullmatch(group[-1].text)
        # tags would have to stay in their cues
        and not any(_TAG.search(p.text) for p in (*group, part))
    )


def _slots(group: Sequence[_Part], width: int) -> list[str | Slot]:
    builder = Builder()
    for part in group:
        for piece in _TAG.split(part.text + " "):
            name = _NAME.match(piece)
            if not _TAG.fullmatch(piece):
                builder.add_text(piece)
            elif not name:
                builder.add_point(piece)
            elif piece[1] == "/":
                builder.close(piece, name[1])
            else:
                builder.open(piece, name[1])

    def finish(translation: str, unsure: bool) -> list[str]:
        tags = _TAG.findall(translation)
        marked = _TAG.sub(_TAG_MARK, translation)
        shares = share(marked, [len(part.text) for part in group])
        rest = iter(tags)
        texts = [
            _broken(text, part, width)
            for text, part in zip(shares, group, strict=True)
        ]
        return [re.sub(_TAG_MARK, lambda _: next(rest), t) for t in texts]

    fragment, _ = builder.build(finish=finish)
    if not fragment:
        return [part.text for part in group]
    return [Slot(fragment, k) for k in range(len(group))]


def _broken(text: str, part: _Part, width: int) -> str:
    """A text in as many lines as a part had."""
    lines = part.text.splitlines(keepends=True)
    end = "\r\n" if (lines[0] + part.after).find("\r\n") >= 0 else "\n"
    return end.join(balance(text, len(lines), width))


def _width(line: str) -> int:
    return len(_TAG.sub("", line))

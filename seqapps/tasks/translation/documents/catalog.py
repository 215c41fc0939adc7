"""Catalogs of gettext, .po and .pot: `msgstr` is written, no other line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from seqapps.errors import InputError
from seqapps.tasks.translation.documents.fragments import (
    Fragment,
    Parts,
    Slot,
)

_FIELD = re.compile(
    r'[ \t]*(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?)[ \t]*"(.*)"[ \t]*'
)
_MORE = re.compile(r'[ \t]*"(.*)"[ \t]*')
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_MNEMONIC = re.compile(r"[_&](?=\w)")
_LETTER = re.compile(r"[^\W\d_]")
_WIDTH = 76  # of the lines that are written, as gettext does


@dataclass
class _Entry:
    """An entry of a catalog.

    Attributes:
        texts: what each field says, unescaped.
        places: the first line of each field, and that after the last.
        flags: the line of the flags, such as "#, c-format", or -1.
    """

    texts: dict[str, str] = field(default_factory=dict)
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    flags: int = -1


def read(text: str, retranslate: bool = False) -> Parts:
    """Reads a catalog.

    Of each entry the empty `msgstr` is written: the translation of `msgid`,
    or, for the second plural form and all after it, of `msgid_plural`. White
    space at the ends, and the mark of a key, `_` or `&`, are as in `msgid`. An
    entry whose translation is unsure becomes "fuzzy".

    Args:
        text: the catalog.
        retranslate: write each `msgstr` anew, but for that of the header.

    Raises:
        InputError: a line is none of a catalog.
    """
    lines = text.splitlines(keepends=True)
    parts: Parts = []
    done = 0
    for entry in _entries(lines):
        source = entry.texts.get("msgid", "")
        plural = entry.texts.get("msgid_plural", source)
        names = [name for name in entry.texts if name.startswith("msgstr")]
        filled = any(entry.texts[name] for name in names)
        if not source or (filled and not retranslate):
            continue
        slots = []
        for name in names:
            one = name in ("msgstr", "msgstr[0]") and len(names) > 1
            wanted = source if one or name == "msgstr" else plural
            start, end = entry.places[name]
            flags = lines[entry.flags] if entry.flags >= 0 else ""
            if slot := _slot(wanted, name, lines[start], flags):
                slots.append((start, end, slot))
        if slots:
            start, end = entry.flags, entry.flags + 1
            if start < 0:  # before the first field
                start = end = min(place for place, _ in entry.places.values())
            slots.insert(0, (start, end, Slot(slots[0][2].fragment, 1)))
        for start, end, slot in slots:
            parts += [*lines[done:start], slot]
            done = end
    return parts + lines[done:]


def _entries(lines: Sequence[str]) -> Iterator[_Entry]:
    entry, last = _Entry(), ""
    for number, line in enumerate(lines):
        line = line.rstrip("\r\n").removeprefix("\ufeff")
        found, more = _FIELD.fullmatch(line), _MORE.fullmatch(line)
        if found:
            name = found[1]
            begins = name == "msgctxt" or name == "msgid"
            if (
                begins
                and name in entry.texts
                or begins
                and last[:6] == "msgstr"
            ):
                yield entry
                entry = _Entry()
            last = name
            entry.texts[name] = _unescape(found[2])
            entry.places[name] = number, number + 1
        elif more and last:
            entry.texts[last] += _unescape(more[1])
            entry.places[last] = entry.places[last][0], number + 1
        elif not line.strip() or line.lstrip().startswith("#"):
            if last[:6] == "msgstr":
                yield entry
                entry, last = _Entry(), ""
            if line.startswith("#,"):
                entry.flags = number
        else:
            raise InputError(f"line {number + 1} is none of a catalog: {line}")
    yield entry


def _slot(source: str, name: str, line: str, flags: str) -> Slot | None:
    """The lines of a `msgstr`, and of its flags; None without a letter."""
    text = source.strip()
    before = source[: len(source) - len(source.lstrip())]
    after = source[len(source.rstrip()) :]
    keys = _MNEMONIC.findall(text)
    key = keys[0] if len(keys) == 1 and " " not in keys[0] else ""
    if key and re.search(rf"\w{re.escape(key)}\w|&\w+;|[<>=/]", text):
        key = ""  # of an identifier, an entity, or a URL
    if not _LETTER.search(text):
        return None
    end = line[len(line.rstrip("\r\n")) :] or "\n"

    def finish(translation: str, unsure: bool) -> list[str]:
        if key:
            translation = _LETTER.sub(lambda m: key + m[0], translation, 1)
        said = _written(name, before + translation + after, end)
        if not unsure or "fuzzy" in flags:
            return [said, flags]
        return [said, f"{flags.rstrip() or '#'}, fuzzy{end}"]

    return Slot(
        Fragment(text.replace(key, "", 1) if key else text, finish=finish)
    )


def _written(name: str, text: str, end: str) -> str:
    """A field as gettext writes it."""
    pieces = re.findall(r"[^\n]*\n|[^\n]+", text)
    escaped = [_escape(piece) for piece in pieces]
    if len(escaped) < 2 and len(name) + len("".join(escaped)) + 3 <= _WIDTH:
        return f'{name} "{"".join(escaped)}"{end}'
    lines = [line for piece in escaped for line in _wrapped(piece)]
    return "".join(f"{line}{end}" for line in (f'{name} ""', *lines))


def _wrapped(text: str) -> Iterator[str]:
    line = ""
    for word in re.findall(r"\S+\s*|\s+", text):
        if line and len(line) + len(word) > _WIDTH:
            yield f'"{line}"'
            line = ""
        line += word
    yield f'"{line}"'


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), text)


def _escape(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    for letter, character in _ESCAPES.items():
        text = text.replace(character, f"\\{letter}")
    return text


def declared_encoding(head: bytes) -> str:
    """The encoding that the header of a catalog declares, or ""."""
    found = re.search(rb"charset=([\w-]+)", head[:4096])
    name = found[1].decode() if found else ""
    return "" if name.upper() == "CHARSET" else name

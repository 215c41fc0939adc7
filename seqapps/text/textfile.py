"""Text files as users have them: decoded rightly, or refused."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from seqapps.errors import InputError

LONGEST = 10_000_000  # characters of a line, a cell, a JSON value
_CHUNK = 1 << 20  # bytes that are read at once, and characters that may
# pass until the end of the first line
_MARKS = {  # the longer first: one begins as another does
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_NO_CHARSETS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape"}
_PACKED = (b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf", b"Rar!")
_NAME_IT = "name its encoding with --encoding (training: --data.encoding)"


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Opens a file for reading, decompressed if it is compressed by gzip.

    Raises:
        InputError: there is no such file, or it cannot be read.
    """
    try:
        raw = path.open("rb")
    except FileNotFoundError:
        raise InputError(f"there is no file {path}") from None
    except OSError as error:
        if path.is_dir():
            raise InputError(f"{path} is a folder, not a file") from None
        why = error.strerror or error
        raise InputError(f"cannot read {path}: {why}") from None
    with raw:
        start = raw.peek(4)[:4]
        if start == b"PK\x03\x04":
            raise InputError(
                f"{path} is an archive or a spreadsheet (.zip, .xlsx), not "
                "text: save it as text or .csv"
            )
        if any(start.startswith(mark[:4]) for mark in _PACKED):
            raise InputError(f"{path} is compressed, not by gzip: unpack it")
        if path.suffix.lower() == ".gz" or start[:2] == b"\x1f\x8b":
            with gzip.open(raw) as file:
                yield file
        else:
            yield raw


def suffix(path: Path) -> str:
    """The ending that says what a file holds, in lower case, less `.gz`."""
    path = Path(path.name.lower())
    return (path.with_suffix("") if path.suffix == ".gz" else path).suffix


def decoded(stream: BinaryIO, name: str, encoding: str = "") -> Iterator[str]:
    """Decodes a stream chunk by chunk, as its bytes arrive.

    Args:
        stream: binary, with `read1`.
        name: of the stream, for messages.
        encoding: a name that Python knows. Left out: what a byte order mark
            says, else UTF-8.

    Raises:
        InputError: the bytes are not in that encoding, or hold a NUL; the
            message says in which line.
    """
    _demand_encoding(encoding)
    chunks = _chunks(stream, name)
    chunk = next(chunks, b"")
    marked = next((e for m, e in _MARKS.items() if chunk.startswith(m)), "")
    family = marked.removesuffix("-le").removesuffix("-be")
    if encoding and not codecs.lookup(encoding).name.startswith(family):
        raise InputError(
            f"{name} begins with the byte order mark of {family.upper()}: "
            f"leave --encoding {encoding} out"
        )
    codec = marked or encoding or "utf-8"
    decode = codecs.getincrementaldecoder(codec)().decode
    ends = {"\n": 0, "\r": 0}  # that have been passed

    def refuse(before: str, why: str):
        for end in ends:
            ends[end] += before.count(end)
        number = 1 + (ends["\n"] or ends["\r"])
        raise InputError(f"{name} line {number} {why}") from None

    first = True
    while True:
        try:
            text, broken = decode(chunk, not chunk), False
        except UnicodeError as error:
            good = getattr(error, "object", b"")[: getattr(error, "start", 0)]
            text, broken = good.decode(codec, "ignore"), True
        if "\0" in text:
            why = "" if encoding else f"; if it is UTF-16, {_NAME_IT}"
            why = f"has a NUL character: this is no text{why}"
            refuse(text[: text.index("\0")], why)
        if broken:
            what = codec if encoding or marked else "UTF-8"
            refuse(text, f"is not {what}: {_NAME_IT}")
        for end in ends:
            ends[end] += text.count(end)
        if first and text:
            text, first = text.removeprefix("\ufeff"), False
        if text:
            yield text
        if not chunk:
            return
        chunk = next(chunks, b"")


def _chunks(stream: BinaryIO, name: str) -> Iterator[bytes]:
    """Bytes as they arrive; the first of them hold a byte order mark whole."""
    head, read = b"", 0
    try:
        while more := stream.read1(_CHUNK):
            read += len(more)
            head += more
            if len(head) >= 4 or b"\n" in more:  # a line is answered at once
                yield head
                head = b""
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(
            f"{name} cannot be decompressed after {read:,} bytes: {error}"
        ) from None
    except OSError as error:
        why = error.strerror or error
        raise InputError(f"cannot read {name}: {why}") from None
    if head:
        yield head


def _demand_encoding(encoding: str) -> None:
    try:
        codec = encoding or "utf-8"
        "".encode(codec)
        if codecs.lookup(codec).name in _NO_CHARSETS:
            raise LookupError
    except (LookupError, UnicodeError, ValueError):
        raise InputError(
            f"--encoding {encoding!r} is unknown: utf-8, utf-16, cp1252, "
            "latin-1, ..."
        ) from None


def split(
    parts: Iterable[str], most: int, any_end: bool = False
) -> Iterator[list[tuple[str, int]]]:
    r"""Cuts text into lines, as many together as have arrived.

    A line ends with "\n" or "\r\n", and nowhere else; but in a text that has
    "\r" and no "\n" it ends with "\r".

    Args:
        parts: of the text, of any length.
        most: characters of a line that are kept; the rest is only counted.
        any_end: lines also end with "\r" within a text that has "\n", as
            those of a table may.

    Yields:
        Lines with their ends, and how many characters each has.
    """
    parts = _with_first_end(iter(parts))
    first = next(parts, "")
    alone = "\r" in first and "\n" not in first
    end = "" if any_end else "\r" if alone else "\n"
    ends = end or "\r\n"
    head, length, held = "", 0, ""
    for part in chain([first], parts):
        part, held = held + part, ""
        if any_end and part.endswith("\r"):  # perhaps of "\r\n"
            part, held = part[:-1], "\r"
        some = []
        for line in io.StringIO(part, newline=end):
            if length:
                head += line[: max(most - len(head), 0)]
                length += len(line)
            else:
                head, length = line[:most], len(line)
            if line[-1] in ends:
                some.append((head, length))
                head, length = "", 0
        if some:
            yield some
    if length or held:
        yield [(head + held, length + len(held))]


def _with_first_end(parts: Iterator[str]) -> Iterator[str]:
    """The same, but the first part reaches beyond the end of a line."""
    first = ""
    for part in parts:
        first += part
        if "\n" in part or len(first) > _CHUNK:
            break
    if first:
        yield first
    yield from parts


def lines(
    path: Path, encoding: str = "", any_end: bool = False
) -> Iterator[str]:
    """Reads a file line by line; see `decoded` and `split`.

    Yields:
        Each line with its end.

    Raises:
        InputError: the file cannot be read, or a line has over 10 million
            characters; the message says which.
    """
    with opened(path) as stream:
        yield from limited(decoded(stream, str(path), encoding), path, any_end)


def limited(parts: Iterable[str], name, any_end: bool = False) -> Iterator[str]:
    """Lines of text, of which none is longer than `LONGEST`."""
    number = 0
    for some in split(parts, LONGEST, any_end):
        for line, length in some:
            number += 1
            if length > LONGEST:
                raise InputError(
                    f"{name} line {number} has {length:,} characters: at most "
                    f"{LONGEST:,} are read"
                )
            yield line


def whole(path: Path, encoding: str = "") -> str:
    """Reads a file as one text of at most `LONGEST` characters."""
    with opened(path) as stream:
        parts, length = [], 0
        for part in decoded(stream, str(path), encoding):
            parts.append(part)
            length += len(part)
            if length > LONGEST:
                raise InputError(
                    f"{path} has over {LONGEST:,} characters: it is no text"
                )
        return "".join(parts).replace("\r\n", "\n")

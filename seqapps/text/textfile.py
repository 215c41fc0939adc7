"""Reads users' text files in any encoding, or refuses them with a reason."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Any, NoReturn

from seqapps.errors import InputError

LONGEST = 10_000_000  # characters of a line, a cell, a JSON value
_CHUNK = 1 << 20  # bytes read at once, and the most characters before
# the end of the first line
MARKS = {  # UTF-32 first: its mark begins with that of UTF-16
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
def open_file(path: Path) -> Iterator[IO[bytes]]:
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
                yield file  # type: ignore[misc]
        else:
            yield raw


def suffix(path: Path) -> str:
    """Returns the ending of a file name in lower case, without `.gz`."""
    path = Path(path.name.lower())
    return (path.with_suffix("") if path.suffix == ".gz" else path).suffix


def decode_stream(stream: Any, name: str, encoding: str = "") -> Iterator[str]:
    """Decodes a stream chunk by chunk, as its bytes arrive.

    Args:
        stream: binary, with `read1`.
        name: of the stream, for messages.
        encoding: a name that Python knows. Empty: that of the byte order mark,
            else UTF-8.

    Raises:
        InputError: the bytes are not in that encoding, or hold a NUL; the
            message says in which line.
    """
    _demand_encoding(encoding)
    chunks = _chunks(stream, name)
    chunk = next(chunks, b"")
    marked = next((e for m, e in MARKS.items() if chunk.startswith(m)), "")
    family = marked.removesuffix("-le").removesuffix("-be")
    if encoding and not codecs.lookup(encoding).name.startswith(family):
        raise InputError(
            f"{name} begins with the byte order mark of {family.upper()}: "
            f"leave --encoding {encoding} out"
        )
    codec = marked or encoding or "utf-8"
    decode = codecs.getincrementaldecoder(codec)().decode
    ends = {"\n": 0, "\r": 0}  # how many so far

    def refuse(before: str, why: str) -> NoReturn:
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


def _chunks(stream: Any, name: str) -> Iterator[bytes]:
    """Yields bytes as they arrive; the first chunk has the whole mark."""
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


def split_lines(
    parts: Iterable[str], most: int, any_end: bool = False
) -> Iterator[list[tuple[str, int]]]:
    r"""Splits text into lines and yields those that have arrived, as a list.

    A line ends with "\n" or "\r\n" only; in a text that has "\r" and no "\n"
    it ends with "\r".

    Args:
        parts: pieces of the text, of any length.
        most: characters to keep of a line; the rest is only counted.
        any_end: whether lines also end with "\r" in a text that has "\n", as
            those of a table may.

    Yields:
        Lists of lines with their ends, each with its number of characters.
    """
    pieces = _with_first_end(iter(parts))
    first = next(pieces, "")
    alone = "\r" in first and "\n" not in first
    end = "" if any_end else "\r" if alone else "\n"
    ends = end or "\r\n"
    head, length, pending = "", 0, ""
    for part in chain([first], pieces):
        part, pending = pending + part, ""
        if any_end and part.endswith("\r"):  # perhaps of "\r\n"
            part, pending = part[:-1], "\r"
        complete = []
        for line in io.StringIO(part, newline=end):
            if length:
                head += line[: max(most - len(head), 0)]
                length += len(line)
            else:
                head, length = line[:most], len(line)
            if line[-1] in ends:
                complete.append((head, length))
                head, length = "", 0
        if complete:
            yield complete
    if length or pending:
        yield [(head + pending, length + len(pending))]


def _with_first_end(parts: Iterator[str]) -> Iterator[str]:
    """Joins the first parts until they hold the end of a line."""
    first = ""
    for part in parts:
        first += part
        if "\n" in part or len(first) > _CHUNK:
            break
    if first:
        yield first
    yield from parts


def read_lines(
    path: Path, encoding: str = "", any_end: bool = False
) -> Iterator[str]:
    """Reads a file line by line; see `decode_stream` and `split_lines`.

    Yields:
        Each line with its end.

    Raises:
        InputError: the file cannot be read, or a line has over 10 million
            characters; the message says which.
    """
    with open_file(path) as stream:
        yield from limit_lines(
            decode_stream(stream, str(path), encoding), path, any_end
        )


def limit_lines(
    parts: Iterable[str], name: object, any_end: bool = False
) -> Iterator[str]:
    """Yields the lines of a text; refuses one longer than `LONGEST`."""
    batches = split_lines(parts, LONGEST, any_end)
    for number, (line, length) in enumerate(chain.from_iterable(batches), 1):
        if length > LONGEST:
            raise InputError(
                f"{name} line {number} has {length:,} characters: at most "
                f"{LONGEST:,} are read"
            )
        yield line


def read_text(path: Path, encoding: str = "") -> str:
    """Reads a file as one text of at most `LONGEST` characters."""
    with open_file(path) as stream:
        parts: list[str] = []
        length = 0
        for part in decode_stream(stream, str(path), encoding):
            parts.append(part)
            length += len(part)
            if length > LONGEST:
                raise InputError(
                    f"{path} has over {LONGEST:,} characters: it is no text"
                )
        return "".join(parts).replace("\r\n", "\n")

"""Texts to be translated, line by line, however many and however long."""

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

from seqapps.console import terminal
from seqapps.errors import InputError
from seqapps.tasks.translation.codec.limits import LETTERS
from seqapps.tasks.translation.importers.pair_files import tidy
from seqapps.text import textfile

_HEAD = 1 << 16  # characters of a line that are kept
_SURROGATES = re.compile("[\ud800-\udfff]")  # bytes that are not UTF-8


@dataclass(frozen=True)
class Line:
    """A line of a stream.

    Args:
        number: from 1.
        head: the line, or its first characters if they are very many.
        length: characters that it has.
    """

    number: int
    head: str
    length: int

    @cached_property
    def _whole(self) -> str:
        return tidy(self.head)

    @property
    def text(self) -> str:
        """What is translated."""
        return self._whole[:LETTERS].rstrip()

    @property
    def warning(self) -> str:
        """What the user is told of a line that is too long, or nothing."""
        if len(self._whole) <= LETTERS and len(self.head) < _HEAD:
            return ""
        return (
            f"{self.length:,} characters; only the first {LETTERS:,} are read"
        )


def given(texts: Iterable[str]) -> list[Line]:
    """Texts of the command line, as if each were a line."""
    return [
        Line(number, _SURROGATES.sub("\ufffd", text[:_HEAD]), len(text))
        for number, text in enumerate(texts, 1)
    ]


def read(
    stream, size: int, name: str = "standard input", encoding: str = ""
) -> Iterator[list[Line]]:
    """Yields the lines of a stream, as many as there are at the moment.

    One line in a pipe is answered at once. Meanwhile more may come, and are
    then read together: nobody waits, and many lines are not slow.

    Args:
        stream: has `read1`, as binary files do; see `textfile.split_lines`.
        size: lines that are yielded together, at most.
        name: of the stream, for messages.
        encoding: see `textfile.decode_stream`.

    Raises:
        InputError: it cannot be decoded; the message says in which line.
    """
    number = 0
    for some in _split(stream, name, encoding):
        found = []
        for text, length in some:
            number += 1
            head = text.rstrip("\r\n")
            # of a line that was cut the end is not seen, but counted
            end = len(text) - len(head) if len(text) == length else 1
            found.append(Line(number, head, length - end))
        for i in range(0, len(found), size):
            yield found[i : i + size]


def _split(stream, name: str, encoding: str):
    return textfile.split_lines(
        textfile.decode_stream(stream, name, encoding), _HEAD
    )


@contextmanager
def windows(
    texts, input: Path | None, encoding: str, size: int, bar: bool
) -> Iterator:
    """Lines to be translated, some at a time.

    Args:
        texts: of the command line; else `input`, else standard input is read.
        input: a file; it is decoded once before anything is done.
        encoding: see `textfile.decode_stream`.
        size: lines at a time, at most.
        bar: whether to show how much of a file is done.

    Raises:
        InputError: there is nothing to read, or it cannot be decoded.
    """
    if texts:
        lines = given(texts)
        yield (lines[i : i + size] for i in range(0, len(lines), size))
    elif input:
        with textfile.open_file(input) as file:
            total = sum(map(len, _split(file, str(input), encoding)))
        with textfile.open_file(input) as file:
            lines = read(file, size, str(input), encoding)
            if not bar:
                yield lines
                return
            with terminal.progress() as progress:
                task = progress.add_task(input.name, total=total)
                yield _told(lines, lambda n: progress.update(task, completed=n))
    elif sys.stdin is None or sys.stdin.isatty():
        raise InputError("give a text, or --input, or pipe texts in")
    else:
        lines = read(sys.stdin.buffer, size, encoding=encoding)
        first = next(lines, None)
        if first is None:
            raise InputError("no text is given")
        yield chain([first], lines)


def _told(windows, tell) -> Iterator[list[Line]]:
    for window in windows:
        yield window
        tell(window[-1].number)  # done when the next ones are asked for

"""Lines to translate, from arguments, a file or a pipe of any size."""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import IO

from seqapps.console import terminal
from seqapps.errors import InputError
from seqapps.tasks.translation.codec.normalization import MAX_CHARACTERS
from seqapps.tasks.translation.importers.pair_files import normalise
from seqapps.text import textfile

_HEAD = 1 << 16  # characters of a line that are kept in memory
MANY_CHARACTERS = _HEAD - 1  # of a line that is translated by sentences
_SURROGATES = re.compile("[\ud800-\udfff]")  # bytes that are not UTF-8


@dataclass(frozen=True)
class Line:
    """A line of a stream.

    Args:
        number: from 1.
        head: the line, or the beginning of a very long one.
        length: the number of characters of the whole line.
        most: characters that are translated.
        end: of the line.
    """

    number: int
    head: str
    length: int
    most: int = MAX_CHARACTERS
    end: str = "\n"

    @cached_property
    def _normalised(self) -> str:
        return normalise(self.head)

    @property
    def text(self) -> str:
        """The text to translate."""
        return self._normalised[: self.most].rstrip()

    @property
    def warning(self) -> str:
        """The warning for a line that is too long, else ""."""
        if len(self._normalised) <= self.most and len(self.head) < _HEAD:
            return ""
        return (
            f"{self.length:,} characters; only the first {self.most:,} are read"
        )


def from_arguments(
    texts: Iterable[str], most: int = MAX_CHARACTERS
) -> list[Line]:
    """Turns each argument of the command line into a line."""
    return [
        Line(number, _SURROGATES.sub("\ufffd", text[:_HEAD]), len(text), most)
        for number, text in enumerate(texts, 1)
    ]


def read_windows(
    stream: IO[bytes],
    size: int,
    name: str = "standard input",
    encoding: str = "",
    most: int = MAX_CHARACTERS,
) -> Iterator[list[Line]]:
    """Yields the lines of a stream, as many as are available at the moment.

    A single line in a pipe is yielded at once. The lines that arrive while it
    is being translated are then yielded together.

    Args:
        stream: has `read1`, as binary files do; see `textfile.split_lines`.
        size: lines per window, at most.
        name: of the stream, for messages.
        encoding: see `textfile.decode_stream`.
        most: characters of a line that are translated.

    Raises:
        InputError: a line cannot be decoded; the message has its number.
    """
    number = 0
    for parts in _split(stream, name, encoding):
        lines = []
        for text, length in parts:
            number += 1
            head = text.rstrip("\r\n")
            # a line that was cut has an end that is counted but not seen
            end = text[len(head) :] if len(text) == length else "\n"
            lines.append(Line(number, head, length - len(end), most, end))
        for i in range(0, len(lines), size):
            yield lines[i : i + size]


def _split(
    stream: IO[bytes], name: str, encoding: str
) -> Iterator[list[tuple[str, int]]]:
    return textfile.split_lines(
        textfile.decode_stream(stream, name, encoding), _HEAD
    )


@contextmanager
def open_windows(
    texts: Sequence[str],
    input: Path | None,
    encoding: str,
    size: int,
    progress: bool,
    most: int = MAX_CHARACTERS,
) -> Iterator[Iterator[list[Line]]]:
    """Opens the lines to translate, as an iterator over windows.

    Args:
        texts: arguments; if there are none, `input` is read, and without that
            standard input.
        input: a file; all of it is decoded once before the first window.
        encoding: see `textfile.decode_stream`.
        size: lines per window, at most.
        progress: show a progress bar for a file.
        most: characters of a line that are translated.

    Raises:
        InputError: there is nothing to read, or it cannot be decoded.
    """
    if texts:
        lines = from_arguments(texts, most)
        yield (lines[i : i + size] for i in range(0, len(lines), size))
    elif input:
        with textfile.open_file(input) as file:
            parts = _split(file, str(input), encoding)
            total = sum(len(part) for part in parts)
        with textfile.open_file(input) as file:
            windows = read_windows(file, size, str(input), encoding, most)
            if not progress:
                yield windows
                return
            with terminal.progress() as bar:
                task = bar.add_task(input.name, total=total)
                yield _reported(
                    windows, lambda n: bar.update(task, completed=n)
                )
    elif sys.stdin is None or sys.stdin.isatty():
        raise InputError("give a text, or --input, or pipe texts in")
    else:
        windows = read_windows(
            sys.stdin.buffer, size, encoding=encoding, most=most
        )
        first = next(windows, None)
        if first is None:
            raise InputError("no text is given")
        yield chain([first], windows)


def _reported(
    windows: Iterable[list[Line]], report: Callable[[int], object]
) -> Iterator[list[Line]]:
    """Yields windows; reports each as done when the next one is requested."""
    for window in windows:
        yield window
        report(window[-1].number)

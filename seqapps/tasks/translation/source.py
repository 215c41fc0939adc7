"""Pairs of texts from the user's own files."""

import gzip
import re
import unicodedata
import zlib
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from seqapps.errors import InputError

Pair = tuple[str, str]  # source text, target text

# a regular expression's \s lacks most control characters
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


def tidy(text: str) -> str:
    r"""Makes every run of blanks and control characters one blank, and NFC.

    Case, marks and everything else stay as they are.

    Example:
        >>> tidy(" ¿Que\N{COMBINING ACUTE ACCENT}\thora es ?\r\n")
        '¿Qué hora es ?'
    """
    return unicodedata.normalize("NFC", _BLANKS.sub(" ", text).strip())


def aligned(source: Path, target: Path) -> list[Pair]:
    r"""Reads two files whose lines are translations of each other.

    Args:
        source: UTF-8, or that compressed, if the name ends in .gz. A line ends
            with "\n" and nowhere else: no other blank shifts the lines.
        target: the same, with as many lines.

    Returns:
        A pair a line, each text as `tidy` leaves it; some may be empty.

    Raises:
        InputError: a file cannot be read, is empty or is not UTF-8, or one
            has more lines than the other.
    """
    if source == target:
        raise InputError(f"{source} is both the source and the target")
    pairs, counts = [], {source: 0, target: 0}
    for one, other in zip_longest(lines(source), lines(target)):
        counts[source] += one is not None
        counts[target] += other is not None
        if one is not None and other is not None:
            pairs.append((tidy(one), tidy(other)))
    if counts[source] != counts[target]:
        shorter = min(counts, key=counts.get)
        raise InputError(
            f"{source} has {counts[source]} lines and {target} has "
            f"{counts[target]}: from line {len(pairs) + 1} on {shorter} has no "
            "translations"
        )
    return pairs


def table(path: Path, source_column: int, target_column: int) -> list[Pair]:
    """Reads a file with a pair in each line, its columns parted by tabs.

    Args:
        path: UTF-8, or that compressed, if the name ends in .gz. What other
            columns there are is not read; lines of blanks only are passed over.
        source_column: counted from 1.
        target_column: another.

    Returns:
        A pair a line, each text as `tidy` leaves it; some may be empty.

    Raises:
        InputError: the file cannot be read, is not UTF-8, has no pairs, or
            has a line with too few columns.
    """
    if min(source_column, target_column) < 1 or source_column == target_column:
        raise InputError(
            "the columns of source and target are two, counted from 1: not "
            f"{source_column} and {target_column}"
        )
    pairs, needed = [], max(source_column, target_column)
    for number, line in enumerate(lines(path), 1):
        cells = line.split("\t")
        if len(cells) < needed:
            if not line.strip():
                continue
            has = "1 column, and no tab" * (len(cells) == 1)
            raise InputError(
                f"{path} line {number} has {has or f'{len(cells)} columns'}; "
                f"source and target are columns {source_column} and "
                f"{target_column}"
            )
        pairs.append(
            (tidy(cells[source_column - 1]), tidy(cells[target_column - 1]))
        )
    if not pairs:
        raise InputError(f"{path} has no pairs: all its lines are empty")
    return pairs


def lines(path: Path) -> Iterator[str]:
    """Reads a text file line by line, as `aligned` says.

    Yields:
        Each line without its end; the first without a byte order mark.

    Raises:
        InputError: the file cannot be read, is empty or is not UTF-8.
    """
    number = 0
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            for number, line in enumerate(file, 1):
                codec = "utf-8-sig" if number == 1 else "utf-8"
                yield line.decode(codec).removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise InputError(f"{path} line {number} is not UTF-8") from None
    except FileNotFoundError:
        raise InputError(f"there is no {path}") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder, not a file") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(
            f"{path} cannot be decompressed after line {number}: {error}"
        ) from None
    except OSError as error:
        raise InputError(
            f"cannot read {path}: {error.strerror or error}"
        ) from None
    if not number:
        raise InputError(f"{path} is empty")

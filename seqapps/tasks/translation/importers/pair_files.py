"""Pairs of texts from the user's own files."""

import csv
import re
import unicodedata
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from seqapps.errors import InputError
from seqapps.text import strings, textfile

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


def aligned(source: Path, target: Path, encoding: str = "") -> list[Pair]:
    r"""Reads two files whose lines are translations of each other.

    Args:
        source: a sentence a line, or that compressed (.gz). A line ends as
            `textfile.split_lines` says: no other blank shifts the lines.
        target: the same, with as many lines.
        encoding: of both; see `textfile.decode_stream`.

    Returns:
        A pair a line, each text as `tidy` leaves it; some may be empty.

    Raises:
        InputError: a file cannot be read, is empty or cannot be decoded, or
            one has more lines than the other.
    """
    if source == target:
        raise InputError(f"{source} is both the source and the target")
    pairs, counts = [], {source: 0, target: 0}
    for one, other in zip_longest(
        lines(source, encoding), lines(target, encoding)
    ):
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


def table(
    path: Path,
    source_column: int,
    target_column: int,
    encoding: str = "",
    separator: str = "",
) -> list[Pair]:
    """Reads a file with a pair in each line, its columns parted by tabs.

    Args:
        path: a text file, or that compressed (.gz). What other columns there
            are is not read; lines of blanks only are passed over.
        source_column: counted from 1.
        target_column: another.
        encoding: see `textfile.decode_stream`.
        separator: between the columns, in place of a tab.

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
    for number, cells in _rows(path, encoding, separator):
        if len(cells) < needed:
            if not "".join(cells).strip():
                continue
            has = f"1 column, and no {separator or 'tab'}" * (len(cells) == 1)
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


def lines(path: Path, encoding: str = "") -> Iterator[str]:
    """Reads a text file line by line; see `textfile.read_lines`.

    Yields:
        Each line without its end; the first without a byte order mark.

    Raises:
        InputError: the file cannot be read, is empty or cannot be decoded.
    """
    empty = True
    for line in textfile.read_lines(path, encoding):
        empty = False
        yield line.rstrip("\r\n")
    if empty:
        raise InputError(f"{path} is empty")


def _rows(path: Path, encoding: str, separator: str) -> Iterator[tuple]:
    """Numbers and cells of the lines of a table that have any.

    Between tabs a quote is a quote; other separators may stand in cells that
    are quoted.
    """
    between = strings.parse_separator(separator or "tab", "--data.separator")
    if between == "\t":
        for number, line in enumerate(lines(path, encoding), 1):
            yield number, line.split("\t")
        return
    csv.field_size_limit(textfile.LONGEST)
    text = textfile.read_lines(path, encoding, any_end=True)
    rows = csv.reader(text, delimiter=between, strict=True)
    try:
        for row in rows:
            yield rows.line_num, row
    except csv.Error as error:
        raise InputError(f"{path} line {rows.line_num}: {error}") from None

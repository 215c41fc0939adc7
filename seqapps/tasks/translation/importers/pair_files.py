"""Sentence pairs from the user's files."""

import csv
import re
import unicodedata
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from seqapps.errors import InputError
from seqapps.text import strings, textfile

Pair = tuple[str, str]  # source text, target text

# \s does not include most control characters
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


def normalise(text: str) -> str:
    r"""Collapses white space and control characters, and composes to NFC.

    Case, punctuation and everything else stay as they are.

    Example:
        >>> normalise(" ¿Que\N{COMBINING ACUTE ACCENT}\thora es ?\r\n")
        '¿Qué hora es ?'
    """
    return unicodedata.normalize("NFC", _BLANKS.sub(" ", text).strip())


def read_aligned(source: Path, target: Path, encoding: str = "") -> list[Pair]:
    r"""Reads two files whose lines are translations of each other.

    Args:
        source: a sentence per line; may be compressed (.gz). Lines end as in
            `textfile.split_lines`, so that no other white space shifts them.
        target: the same, with as many lines.
        encoding: of both; see `textfile.decode_stream`.

    Returns:
        A pair per line, each text normalised by `normalise`; some may be empty.

    Raises:
        InputError: a file cannot be read, is empty or cannot be decoded, or
            one has more lines than the other.
    """
    if source == target:
        raise InputError(f"{source} is both the source and the target")
    pairs, counts = [], {source: 0, target: 0}
    for source_line, target_line in zip_longest(
        _lines(source, encoding), _lines(target, encoding)
    ):
        counts[source] += source_line is not None
        counts[target] += target_line is not None
        if source_line is not None and target_line is not None:
            pairs.append((normalise(source_line), normalise(target_line)))
    if counts[source] != counts[target]:
        shorter = min(counts, key=counts.__getitem__)
        raise InputError(
            f"{source} has {counts[source]} lines and {target} has "
            f"{counts[target]}: from line {len(pairs) + 1} on {shorter} has no "
            "translations"
        )
    return pairs


def read_table(
    path: Path,
    source_column: int,
    target_column: int,
    encoding: str = "",
    separator: str = "",
) -> list[Pair]:
    """Reads a table with a pair per line.

    Args:
        path: a text file; may be compressed (.gz). Other columns and blank
            lines are ignored.
        source_column: counted from 1.
        target_column: counted from 1.
        encoding: see `textfile.decode_stream`.
        separator: between the columns; a tab if "".

    Returns:
        A pair per line, each text normalised by `normalise`; some may be empty.

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
            (
                normalise(cells[source_column - 1]),
                normalise(cells[target_column - 1]),
            )
        )
    if not pairs:
        raise InputError(f"{path} has no pairs: all its lines are empty")
    return pairs


def read_files(
    files: tuple[Path | None, ...],
    table_format: tuple[int, int, str, str],
    held_out: dict[str, tuple[Path | None, Path | None]],
    reverse: bool,
) -> dict[str, list[Pair]]:
    """Reads the user's files, by split.

    Args:
        files: of training: a source and a target, or None, and a table.
        table_format: of the table, see `read_table`.
        held_out: a source and a target of other splits.
        reverse: swap them; those of a table are swapped by their columns.
    """
    source, target, path = files
    if path and (source or target):
        raise InputError("give --data.path, or --data.source and its target")
    if path:
        return {"train": read_table(path, *table_format)}
    splits = {}
    for name, sides in {"train": (source, target), **held_out}.items():
        ahead, back = sides[::-1] if reverse else sides
        if ahead and back:
            splits[name] = read_aligned(ahead, back, table_format[2])
        elif any(sides):
            raise InputError(f"{name} needs both files: a source and a target")
    return splits


def _lines(path: Path, encoding: str) -> Iterator[str]:
    """Yields the lines of a text file without their ends; refuses none."""
    empty = True
    for line in textfile.read_lines(path, encoding):
        empty = False
        yield line.rstrip("\r\n")
    if empty:
        raise InputError(f"{path} is empty")


def _rows(
    path: Path, encoding: str, separator: str
) -> Iterator[tuple[int, list[str]]]:
    """Yields the line number and the cells of each line.

    Cells may be quoted (as in CSV) only if the separator is not a tab.
    """
    delimiter = strings.parse_separator(separator or "tab", "--data.separator")
    if delimiter == "\t":
        for number, line in enumerate(_lines(path, encoding), 1):
            yield number, line.split("\t")
        return
    csv.field_size_limit(textfile.LONGEST)
    text = textfile.read_lines(path, encoding, any_end=True)
    rows = csv.reader(text, delimiter=delimiter, strict=True)
    try:
        for row in rows:
            yield rows.line_num, row
    except csv.Error as error:
        raise InputError(f"{path} line {rows.line_num}: {error}") from None

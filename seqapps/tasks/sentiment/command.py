"""`classify`: labels of texts from arguments, a pipe or a file."""

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Annotated, Any, Literal

from seqapps.console import terminal
from seqapps.console.arguments import checked
from seqapps.console.paths import Writes
from seqapps.errors import InputError
from seqapps.tasks.sentiment.evaluation.abstention import (
    NEUTRAL,
    is_neutral,
    should_abstain,
)
from seqapps.tasks.sentiment.importers.records import Record
from seqapps.tasks.sentiment.options import ClassifyOptions
from seqapps.text.strings import batches_by_length, shorten, to_valid_utf8

_BATCH_SIZE = 32
_WINDOW = 32  # batches that are read, sorted by length, and written in order
_MAX_WINDOW = 20_000_000  # characters
_MAX_CHARACTERS = 200_000  # of a text; the middle of a longer one is left out
_MAX_EXPLAINED = 50  # texts on the page
_WIDTH = 60  # characters of a text on a terminal
_ABSTAINED = "unsure"

Row = tuple[Record, str]  # a row of the input, and its text


@checked
def classify(
    classifier: Any,
    *texts: str,
    input: Path | None = None,
    column: str = "text",
    encoding: str = "",
    separator: str = "",
    output: Annotated[
        Path | None, Writes((".ndjson", ".csv", ".tsv", ".jsonl"))
    ] = None,
    escape_formulas: bool = False,
    explain: Annotated[Path | None, Writes((".html", ".htm"))] = None,
    options: ClassifyOptions = ClassifyOptions(),  # noqa: B008 (frozen)
    format: Literal["text", "json"] = "text",
) -> None:
    """Predict the label of each text, with its probability.

    Texts are arguments, lines of standard input, or a column of a file.

    Args:
        classifier: a `Classifier`, or a loaded saved model.
        *texts: Texts, one per argument: quote them.
        input: A .csv, .tsv, .jsonl or .json with a text per row, or a file
            with a text per line; may be compressed (.gz).
        column: The column of the text.
        encoding: Of the input: cp1252, utf-16, ... Default: UTF-8, or what a
            byte order mark says.
        separator: Between the columns of the input, such as ";" or tab, and of
            an output with the same ending. Default: a comma in .csv, a tab in
            .tsv.
        output: A .csv, .tsv or .jsonl, in UTF-8: the input's rows with three
            more columns: predicted, probability, and unsure, why the text
            cannot be judged. Default: standard output.
        escape_formulas: Put an apostrophe before cells of the output that
            begin with = + - @ or a tab, so that no spreadsheet runs them.
        explain: A page (.html) that shows what each word of the first 50 texts
            contributed.
        options: When a label is given.
        format: The format of standard output: "text", or "json", an object per
            line.
    """
    if texts and input:
        raise InputError("give texts or --input, not both")
    if separator and not input:
        raise InputError("--separator is of the columns of --input")
    columns: Iterable[str] = ("text",)
    if input:
        from seqapps.tasks.sentiment.importers.input_table import InputTable

        table = InputTable(input, column, encoding, separator)
        columns, rows = table.columns, iter(table)
    else:
        rows = _from_arguments(texts, encoding)
    first = next(rows, None)
    if first is None:
        raise InputError("no text is given")
    rows = _shorten(chain([first], rows))
    explained: list[Row] = []
    if explain:
        explained = list(islice(rows, _MAX_EXPLAINED))
        rows = chain(explained, rows)
    results = _classify(classifier, rows, options)
    if output:
        from seqapps.tasks.sentiment.rendering import scored_table

        same = input and input.suffix.lower() == output.suffix.lower()
        scored_table.write_scored_table(
            output,
            ((row, _columns(result)) for row, _, result in results),
            columns,
            separator if same else "",
            escape_formulas,
        )
    else:
        as_line = _as_json if format == "json" else _as_text
        for _, text, result in results:
            print(as_line(text, result))
    if explain:
        from seqapps.tasks.sentiment.rendering import page

        page.write_page(
            explain,
            page.explain(
                classifier,
                [text for _, text in explained],
                options.abstain,
                options.neutral,
            ),
        )
        print(f"{explain}: what the words contributed", file=sys.stderr)


def _from_arguments(texts: tuple[str, ...], encoding: str) -> Iterator[Row]:
    """Arguments, or without any the lines of standard input, as rows."""
    from seqapps.text import textfile

    lines: Iterable[str] = texts
    if not texts:
        if sys.stdin is None or sys.stdin.isatty():
            raise InputError("give a text, or --input, or pipe texts in")
        name = "standard input"
        parts = textfile.decode_stream(sys.stdin.buffer, name, encoding)
        lines = (line.strip() for line in textfile.limit_lines(parts, name))
    for number, text in enumerate(lines, 1):
        yield Record(number, {"text": text}), text


def _shorten(rows: Iterable[Row]) -> Iterator[Row]:
    """Leaves out the middle of long texts, with a warning."""
    for row, text in rows:
        if len(text) > _MAX_CHARACTERS:
            print(
                f"row {row.number}: {len(text):,} characters; only the first "
                f"and the last {_MAX_CHARACTERS // 2:,} are read",
                file=sys.stderr,
            )
            text = shorten(text, _MAX_CHARACTERS)
        yield row, text


def _windows(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Groups rows, up to a number of rows or of characters."""
    window: list[Row] = []
    length = 0
    for row, text in rows:
        window.append((row, text))
        length += len(text) + row.size
        if len(window) == _BATCH_SIZE * _WINDOW or length > _MAX_WINDOW:
            yield window
            window, length = [], 0
    if window:
        yield window


def _classify(
    classifier: Any, rows: Iterable[Row], options: ClassifyOptions
) -> Iterator[tuple[Record, str, dict[str, Any]]]:
    """Yields each row, its text and its prediction."""
    for window in _windows(rows):
        texts = [text for _, text in window]
        results: list[Any] = [None] * len(window)
        for batch in batches_by_length(texts, _BATCH_SIZE):
            outputs = classifier.classify(
                [to_valid_utf8(texts[i]) for i in batch]
            )
            for k, i in enumerate(batch):
                results[i] = _prediction(outputs, k, options)
        for (row, text), result in zip(window, results, strict=True):
            yield row, text, result


def _prediction(
    outputs: dict[str, Any], k: int, options: ClassifyOptions
) -> dict[str, Any]:
    """The prediction of text k of a batch.

    The label is chosen here, so that any saved model takes every option.
    """
    probabilities = outputs["probabilities"][k]
    label = outputs["label"][k]
    if is_neutral(probabilities, outputs["labels"], options.neutral):
        label = NEUTRAL
    if should_abstain(probabilities, options.abstain):
        label = _ABSTAINED
    result = {
        "label": label,
        "probability": outputs["probability"][k],
        "probabilities": dict(
            zip(outputs["labels"], probabilities, strict=True)
        ),
    }
    if "expected" in outputs:  # of ordered classes
        result["expected"] = outputs["expected"][k]
    if "unsure" in outputs:  # older models do not say
        result["unsure"] = outputs["unsure"][k]
    return result


def _columns(result: dict[str, Any]) -> dict[str, Any]:
    """The columns that a prediction adds to a table."""
    return {
        "predicted": result["label"],
        "probability": round(result["probability"], 6),
        "unsure": result.get("unsure", ""),
    }


def _as_text(text: str, result: dict[str, Any]) -> str:
    short = terminal.shown(text[: 10 * _WIDTH])
    short = short if len(short) <= _WIDTH else f"{short[: _WIDTH - 1]}…"
    why = f"[{result['unsure']}] " if result.get("unsure") else ""
    return to_valid_utf8(
        f"{result['label']:>8}  {result['probability']:.3f}  {why}{short}"
    )


def _as_json(text: str, result: dict[str, Any]) -> str:
    values = {"text": to_valid_utf8(text), **result}
    return json.dumps(values, ensure_ascii=False)

"""`classify`: texts from the line, a pipe or a file; labels, and reasons."""

import sys
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Annotated, Literal

from seqapps.console import terminal
from seqapps.console.arguments import checked
from seqapps.console.paths import Writes
from seqapps.errors import InputError
from seqapps.tasks.sentiment.options import ClassifyOptions
from seqapps.text.strings import batches_by_length, shorten, to_valid_utf8

_AT_ONCE = 32  # texts in a batch
_WINDOW = 32  # batches that are read, sorted by length, and written in order
_LETTERS = 200_000  # of a text that are read, half of them at its end
_HELD = 20_000_000  # characters of a window
_EXPLAINED = 50  # texts on a page
_SHOWN = 60  # letters of a text
_UNSURE = "unsure"


@checked
def classify(
    classifier,
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
    """Say what class each text is of, how sure that is, and why.

    Texts are arguments, or the lines of standard input, or a column of a file.

    Args:
        classifier: a `Classifier`, or a loaded saved model.
        *texts: Texts, a word of the command line each.
        input: A .csv, .tsv, .jsonl or .json with a text a row, or a file with
            a text a line; as it is, or compressed (.gz).
        column: The column of the text.
        encoding: Of the input: cp1252, utf-16, ... Left out: UTF-8, or what a
            byte order mark says.
        separator: Between columns of the input, ";" or tab, say, and of an
            output with the same ending. Left out: a comma in .csv, a tab in
            .tsv.
        output: A .csv, .tsv or .jsonl, in UTF-8: the input's rows with two
            columns more, predicted and probability. Left out: standard output.
        escape_formulas: Put an apostrophe before cells of the output that
            begin with = + - @ or a tab, so that no spreadsheet runs them.
        explain: A page (.html) that shows what each word of the first 50 texts
            contributed.
        options: When a label is given.
        format: How standard output is written: "text", or "json", an object a
            line.
    """
    from seqapps.tasks.sentiment.importers.input_table import InputTable
    from seqapps.tasks.sentiment.rendering import page, scored_table

    if texts and input:
        raise InputError("give texts or --input, not both")
    if separator and not input:
        raise InputError("--separator is of the columns of --input")
    columns = ("text",)
    if input:
        rows = InputTable(input, column, encoding, separator)
        columns = rows.columns
    else:
        rows = _given(texts, encoding)
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        raise InputError("no text is given")
    rows = _told(chain([first], rows))
    shown = []
    if explain:
        shown = list(islice(rows, _EXPLAINED))
        rows = chain(shown, rows)
    done = _classified(classifier, rows, options.abstain)
    if output:
        same = input and input.suffix.lower() == output.suffix.lower()
        scored_table.write_scored_table(
            output,
            ((row, _added(said)) for row, _, said in done),
            columns,
            separator if same else "",
            escape_formulas,
        )
    elif format == "json":
        for _, text, said in done:
            print(_json(text, said))
    else:
        for _, text, said in done:
            print(_line(text, said))
    if explain:
        texts = [text for _, text in shown]
        page.write_page(
            explain, page.explain(classifier, texts, options.abstain)
        )
        print(f"{explain}: what the words contributed", file=sys.stderr)


def _given(texts, encoding: str) -> Iterator[tuple]:
    """Texts of the command line, or lines of standard input, as rows."""
    from seqapps.tasks.sentiment.importers.records import Record
    from seqapps.text import textfile

    if not texts:
        if sys.stdin is None or sys.stdin.isatty():
            raise InputError("give a text, or --input, or pipe texts in")
        name = "standard input"
        parts = textfile.decode_stream(sys.stdin.buffer, name, encoding)
        texts = (s.strip() for s in textfile.limit_lines(parts, name))
    for number, text in enumerate(texts, 1):
        yield Record(number, {"text": text}), text


def _told(rows: Iterable[tuple]) -> Iterator[tuple]:
    """Rows and their texts, long ones without their middle, which is said."""
    for row, text in rows:
        if len(text) > _LETTERS:
            print(
                f"row {row.number}: {len(text):,} characters; only the first "
                f"and the last {_LETTERS // 2:,} are read",
                file=sys.stderr,
            )
            text = shorten(text, _LETTERS)
        yield row, text


def _windows(rows: Iterable[tuple]) -> Iterator[list[tuple]]:
    """Rows that are held at once: so many, or of so many characters."""
    some, length = [], 0
    for row, text in rows:
        some.append((row, text))
        length += len(text) + row.size
        if len(some) == _AT_ONCE * _WINDOW or length > _HELD:
            yield some
            some, length = [], 0
    if some:
        yield some


def _classified(classifier, rows: Iterable, abstain: float) -> Iterator[tuple]:
    """Rows, their texts, and what is said of them; a few at a time."""
    for some in _windows(rows):
        texts = [text for _, text in some]
        said = [None] * len(some)
        for batch in batches_by_length(texts, _AT_ONCE):
            results = classifier.classify(
                [to_valid_utf8(texts[j]) for j in batch]
            )
            for k, j in enumerate(batch):
                said[j] = _said(results, k, abstain)
        for (row, text), answer in zip(some, said, strict=True):
            yield row, text, answer


def _said(results: dict, k: int, abstain: float) -> dict:
    from seqapps.tasks.sentiment.evaluation.abstention import should_abstain

    chances = results["probabilities"][k]
    return {
        "label": _UNSURE
        if should_abstain(chances, abstain)
        else results["label"][k],
        "probability": results["probability"][k],
        "probabilities": dict(zip(results["labels"], chances, strict=True)),
    }


def _added(said: dict) -> dict:
    return {
        "predicted": said["label"],
        "probability": round(said["probability"], 6),
    }


def _line(text: str, said: dict) -> str:
    short = terminal.shown(text[: 10 * _SHOWN])
    short = short if len(short) <= _SHOWN else f"{short[: _SHOWN - 1]}…"
    return to_valid_utf8(
        f"{said['label']:>8}  {said['probability']:.3f}  {short}"
    )


def _json(text: str, said: dict) -> str:
    import json

    return json.dumps({"text": to_valid_utf8(text), **said}, ensure_ascii=False)

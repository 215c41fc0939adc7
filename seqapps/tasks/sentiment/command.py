"""`classify`: texts from the line, a pipe or a file; labels, and reasons."""

import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

from seqapps.arguments import Range, checked
from seqapps.errors import InputError
from seqapps.paths import Writes
from seqapps.strings import by_length, clean

_AT_ONCE = 32  # texts in a batch
_WINDOW = 32  # batches that are read, sorted by length, and written in order
_EXPLAINED = 50  # texts on a page
_UNSURE = "unsure"


@checked
def classify(
    classifier,
    *texts: str,
    input: Path | None = None,
    column: str = "text",
    output: Annotated[
        Path | None, Writes((".ndjson", ".csv", ".tsv", ".jsonl"))
    ] = None,
    explain: Annotated[Path | None, Writes((".html", ".htm"))] = None,
    abstain: Annotated[float, Range(0, 0.5)] = 0.0,
    format: Literal["text", "json"] = "text",
) -> None:
    """Say what class each text is of, how sure that is, and why.

    Texts are arguments, or the lines of standard input, or a column of a file.

    Args:
        classifier: a `Classifier`, or a loaded saved model.
        *texts: Texts, a word of the command line each.
        input: A .csv, .tsv or .jsonl with a text a row, or a file with a text
            a line.
        column: The column of the text.
        output: A .csv, .tsv or .jsonl: the input's rows with two columns more,
            predicted and probability. Left out: standard output.
        explain: A page (.html) that shows what each word of the first 50 texts
            contributed.
        abstain: Say "unsure" where a label's lead over the next is less than
            twice this: of two classes, within this of one half.
        format: How standard output is written: "text", or "json", an object a
            line.
    """
    from seqapps.tasks.sentiment import page, table

    if texts and input:
        raise InputError("give texts or --input, not both")
    rows = _rows(texts, input, column)
    first = next(rows, None)
    if first is None:
        raise InputError("no text is given")
    rows = _chained(first, rows)
    shown = []
    if explain:
        shown = list(islice(rows, _EXPLAINED))
        rows = _chained(*shown, rows)
    done = _classified(classifier, rows, abstain)
    if output:
        table.write(output, (_added(row, said) for row, _, said in done))
    elif format == "json":
        for _, text, said in done:
            print(_json(text, said))
    else:
        for _, text, said in done:
            print(_line(text, said))
    if explain:
        texts = [text for _, text in shown]
        page.write(explain, page.reasons(classifier, texts))
        print(f"{explain}: what the words contributed", file=sys.stderr)


def _chained(*parts) -> Iterator:
    *first, rest = parts
    yield from first
    yield from rest


def _rows(texts, input: Path | None, column: str) -> Iterator[tuple]:
    """Rows to be classified: the row as it was, and its text."""
    from seqapps.tasks.sentiment import table

    if texts:
        for text in texts:
            yield {"text": text}, text
    elif input:
        yield from table.texts(input, column)
    elif sys.stdin is None or sys.stdin.isatty():
        raise InputError("give a text, or --input, or pipe texts in")
    else:
        lines = sys.stdin.buffer
        for line in lines:
            text = line.decode("utf-8", "replace").strip()
            if text:
                yield {"text": text}, text


def _classified(classifier, rows: Iterable, abstain: float) -> Iterator[tuple]:
    """Rows, their texts, and what is said of them; a few at a time."""
    rows = iter(rows)
    while some := list(islice(rows, _AT_ONCE * _WINDOW)):
        texts = [text for _, text in some]
        said = [None] * len(some)
        for batch in by_length(texts, _AT_ONCE):
            results = classifier.classify([clean(texts[j]) for j in batch])
            for k, j in enumerate(batch):
                said[j] = _said(results, k, abstain)
        for (row, text), answer in zip(some, said, strict=True):
            yield row, text, answer


def _said(results: dict, k: int, abstain: float) -> dict:
    chances = results["probabilities"][k]
    second, first = sorted(chances)[-2:]
    unsure = first - second < 2 * abstain
    return {
        "label": _UNSURE if unsure else results["label"][k],
        "probability": results["probability"][k],
        "probabilities": dict(zip(results["labels"], chances, strict=True)),
    }


def _added(row: dict, said: dict) -> dict:
    return row | {
        "predicted": said["label"],
        "probability": round(said["probability"], 6),
    }


def _line(text: str, said: dict) -> str:
    short = " ".join(text.split())
    short = short if len(short) <= 60 else f"{short[:59]}…"
    return clean(f"{said['label']:>8}  {said['probability']:.3f}  {short}")


def _json(text: str, said: dict) -> str:
    import json

    return json.dumps({"text": clean(text), **said}, ensure_ascii=False)

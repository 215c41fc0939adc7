"""`translate`: texts from the line, a pipe or a file; and what they look at."""

import json
import math
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from seqapps.console import paths
from seqapps.console.arguments import Count, checked
from seqapps.console.paths import Writes
from seqapps.errors import InputError
from seqapps.tasks.translation.evaluation import unread_source
from seqapps.tasks.translation.importers import input_lines
from seqapps.tasks.translation.options import TranslateOptions
from seqapps.tasks.translation.rendering import resumable_output as outputs
from seqapps.text import strings, textfile

_WINDOW = 32  # batches that are read, sorted by length, and written in order
_PICTURES = (".png", ".svg", ".pdf")


class Found(NamedTuple):
    """What a line becomes.

    Args:
        said: translations and their scores, best first.
        unsure: what makes them doubtful, a message each.
        cut: whether only a beginning of the line was read.
    """

    said: list[tuple[str, float]]
    unsure: list[str]
    cut: bool = False


@checked
def translate(
    translator,
    *texts: str,
    input: Path | None = None,
    encoding: str = "",
    output: Annotated[Path | None, Writes()] = None,
    options: TranslateOptions = TranslateOptions(),  # noqa: B008 (frozen)
    batch_size: Count = 32,
    explain: Annotated[Path | None, Writes(_PICTURES)] = None,
    format: Literal["text", "json"] = "text",
) -> None:
    """Translate texts, lines of a file, or lines of standard input.

    Each line is a sentence and becomes a line; an empty one stays empty. A
    file is translated piece by piece, whatever its size, and only when all is
    done the output appears. If that is interrupted, even by a power cut, the
    same command goes on where it stood.

    With --nbest each sentence becomes several lines, "score, tab, text", the
    best first, and an empty line after them; fewer where there are no more
    different ones. With --format json it becomes one object a line:
    {"source": "...", "translations": [{"text": "...", "score": -0.7}, ...]}
    and, where there is a doubt, "unsure": ["..."], why; "cut": true, if only
    a beginning was read. Both are also said on standard error.

    A translation's score is its log-probability divided by its length, and
    more or less so by --length-penalty: the nearer to 0 the better.

    Args:
        translator: a `Translator`, or a loaded saved model.
        *texts: Texts, a word of the command line each: quote them.
        input: A file with a sentence a line; as it is, or compressed (.gz).
        encoding: Of the input: cp1252, utf-16, ... Left out: UTF-8, or what a
            byte order mark says.
        output: The file to be written. Left out: standard output.
        options: How translations are searched for.
        batch_size: Sentences that are translated at the same time.
        explain: A picture (.png, .svg or .pdf) of what each sub-word of the
            translation looked at in the source, for the first 4 sentences.
        format: "text", or "json", an object a line.
    """
    settings = asdict(options)
    _check(texts, input)
    show = (
        _json if format == "json" else _text if options.nbest == 1 else _several
    )
    size, bar = batch_size * _WINDOW, output is not None
    with input_lines.open_windows(texts, input, encoding, size, bar) as windows:
        if explain:
            from seqapps.tasks.translation.rendering import heatmap

            windows = heatmap.draw_first(translator, windows, explain, settings)
        if not output or paths.is_stream(output):
            with outputs.stream_writer(output) as write:
                for window in windows:
                    found = _translated(
                        translator, window, batch_size, settings
                    )
                    _warn(window, found)
                    write("".join(map(show, window, found)))
            return
        job = input and _job(translator, input, encoding, settings, format)
        with outputs.ResumableOutput(output, job) as draft:
            for window in windows:
                if window[-1].number <= draft.lines:
                    continue
                window = [line for line in window if line.number > draft.lines]
                found = _translated(translator, window, batch_size, settings)
                _warn(window, found)
                draft.add("".join(map(show, window, found)), len(window))


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _check(texts, input) -> None:
    if texts and input:
        raise InputError("give texts or --input, not both")
    if input and not input.exists():
        raise InputError(f"there is no file {input}")
    if input and not input.is_file():
        raise InputError(f"{input} is not a file; pipe it in, if it is a pipe")


def _translated(
    translator, window: list[input_lines.Line], size: int, settings: dict
) -> list[Found]:
    """What each line of a window becomes, in their order."""
    found = [
        Found([("", 0.0)], [line.warning] * bool(line.warning))
        for line in window
    ]  # nothing, for nothing
    full = [i for i, line in enumerate(window) if line.text]
    texts = [window[i].text for i in full]

    def said_of(batch):
        return translator.translate([texts[j] for j in batch], **settings)

    batches = strings.batches_by_length(texts, size)
    for batch, answer in strings.map_concurrently(said_of, batches):
        for k, j in enumerate(batch):
            pairs = zip(answer["texts"][k], answer["scores"][k], strict=True)
            said = [
                (_one_line(text), score)
                for text, score in pairs
                if math.isfinite(score)
            ]
            unsure, cut = found[full[j]].unsure, False
            if "source_tokens" in answer:
                tokens = answer["source_tokens"][k]
                unsure, cut = _doubts(texts[j], tokens, unsure)
            cut = cut or bool(window[full[j]].warning)
            found[full[j]] = Found(said, unsure, cut)
    return found


def _doubts(text: str, tokens: list[str], known: list[str]) -> tuple:
    """Messages, and whether the end of a text was not read."""
    lacking, cut = unread_source.find_unread(text, tokens)
    unsure = list(known)
    if lacking:
        unsure.append(f"letters that the vocabulary lacks: {lacking}")
    if cut:
        count = sum(token not in ("", "<end>") for token in tokens)
        unsure.append(f"only the first {count} sub-words are read")
    return unsure, cut


def _warn(window: list[input_lines.Line], found: list[Found]) -> None:
    for line, each in zip(window, found, strict=True):
        for message in each.unsure:
            print(f"line {line.number}: {message}", file=sys.stderr)


def _one_line(text: str) -> str:
    return " ".join(text.replace("\t", " ").splitlines())


def _text(line: input_lines.Line, found: Found) -> str:
    return f"{found.said[0][0] if found.said else ''}\n"


def _several(line: input_lines.Line, found: Found) -> str:
    rows = (f"{score:.4f}\t{text}\n" for text, score in found.said)
    return "".join(rows) + "\n"


def _json(line: input_lines.Line, found: Found) -> str:
    said = [{"text": t, "score": round(score, 6)} for t, score in found.said]
    row = {"source": line.text, "translations": said}
    row |= {"unsure": found.unsure} if found.unsure else {}
    row |= {"cut": True} if found.cut else {}
    return json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n"


def _job(
    translator, input: Path, encoding: str, settings: dict, format: str
) -> dict:
    """All that a translated file depends on.

    A model is known by what it says: of the first line, and how sure of it.
    """
    with textfile.open_file(input) as file:
        reading = input_lines.read_windows(file, _WINDOW, str(input), encoding)
        some = next(reading, [])
    first = [line for line in some if line.text][:1]
    found = _translated(translator, first, 1, settings)
    said = [pair for each in found for pair in each.said]
    return {
        "input": outputs.fingerprint(input),
        "model": [[text, round(score, 3)] for text, score in said],
        **{_flag(name): value for name, value in settings.items()},
        "--encoding": encoding,
        "--format": format,
    }

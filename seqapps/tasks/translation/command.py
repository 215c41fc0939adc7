"""`translate`: texts from arguments, a pipe or a file, line by line."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from seqapps.console import paths
from seqapps.console.arguments import Count, checked
from seqapps.console.paths import Writes
from seqapps.errors import InputError
from seqapps.tasks.translation.batches import translate_lines
from seqapps.tasks.translation.codec.normalization import MAX_CHARACTERS
from seqapps.tasks.translation.documents import kinds, plain_text
from seqapps.tasks.translation.documents.translating import translate_document
from seqapps.tasks.translation.importers import terms
from seqapps.tasks.translation.importers.input_lines import (
    MANY_CHARACTERS,
    Line,
    open_windows,
    read_windows,
)
from seqapps.tasks.translation.options import TranslateOptions
from seqapps.tasks.translation.rendering import line_formats
from seqapps.tasks.translation.rendering.line_formats import TranslatedLine
from seqapps.tasks.translation.rendering.resumable_output import (
    ResumableOutput,
    fingerprint,
    stream_writer,
)
from seqapps.text import textfile

_WINDOW = 32  # batches that are read, sorted by length, and written in order
_PICTURE_SUFFIXES = (".png", ".svg", ".pdf")


@checked
def translate(
    translator: Any,
    *texts: str,
    input: Path | None = None,
    encoding: str = "",
    output: Annotated[Path | None, Writes()] = None,
    options: TranslateOptions = TranslateOptions(),  # noqa: B008 (frozen)
    batch_size: Count = 32,
    explain: Annotated[Path | None, Writes(_PICTURE_SUFFIXES)] = None,
    keep: str = "",
    glossary: Path | None = None,
    retranslate: bool = False,
    format: Literal["text", "json"] = "text",
) -> None:
    """Translate texts, lines of a file, or lines of standard input.

    Each line becomes a line; an empty one stays empty. A
    file of any size is translated in parts, and the output appears when it is
    complete. If that is interrupted, even by a power cut, the same command
    resumes where it stopped.

    The ending of a file says what it is. Of .html, .md, .srt, .vtt and .po the
    text alone is translated, and all else stays. In a .txt file a sentence may
    go on in the next line.

    With --nbest each sentence becomes several lines, "score, tab, text", the
    best first, and an empty line after them; fewer if there are no more
    distinct ones. With --format json it becomes one object per line:
    {"source": "...", "translations": [{"text": "...", "score": -0.7}, ...]}
    and, if the translation may be wrong, "unsure": ["..."], the reasons; "cut":
    true, if the end of the line was not read. Standard error has both too.

    A translation's score is its log-probability divided by its length to the
    power of --length-penalty, roughly: the nearer to 0 the better. Its
    "quality" is the probability that it is good, if the model estimates it.

    Args:
        translator: a `Translator`, or a loaded saved model.
        *texts: Texts, one per argument: quote them.
        input: A file with a sentence per line; may be compressed (.gz).
        encoding: Of the input: cp1252, utf-16, ... Default: UTF-8, or what a
            byte order mark says.
        output: The file to write. Default: standard output.
        options: How translations are searched for.
        batch_size: Sentences per batch.
        explain: A picture (.png, .svg or .pdf) of the attention weights of the
            first 4 sentences.
        keep: Terms that are kept as they are: "Acme; Big Corp". It and
            --glossary want a model that translates by sentences.
        glossary: A table of terms and their translations, a tab between them.
        retranslate: Of a .po file, write also what has a translation.
        format: "text", or "json", an object per line.
    """
    search_options = asdict(options)
    _check_input(texts, input)
    by_sentences = terms.are_known(translator)
    if pairs := terms.read_terms(keep, glossary, by_sentences):
        search_options["glossary"] = pairs
    most = MANY_CHARACTERS if by_sentences else MAX_CHARACTERS
    if input and kinds.is_document(input):
        _check_document(input, by_sentences, options, explain, format)
        translate_document(
            translator,
            input,
            output,
            encoding,
            batch_size,
            search_options,
            retranslate,
        )
        return
    format_line = line_formats.as_text
    if format == "json":
        format_line = line_formats.as_json
    elif options.nbest > 1:
        format_line = line_formats.as_nbest

    is_plain = bool(input) and textfile.suffix(input) == ".txt"
    is_plain &= by_sentences and format_line is line_formats.as_text

    def render(window: list[Line]) -> str:
        read = plain_text.join(window) if is_plain else window
        lines = translate_lines(translator, read, batch_size, search_options)
        _print_warnings(read, lines)
        if is_plain:
            texts = [line_formats.as_text(line)[:-1] for line in lines]
            return plain_text.write(window, read, texts)
        return "".join(map(format_line, lines))

    size, progress = batch_size * _WINDOW, output is not None
    with open_windows(texts, input, encoding, size, progress, most) as windows:
        if explain:
            from seqapps.tasks.translation.rendering.heatmap import draw_first

            windows = draw_first(translator, windows, explain, search_options)
        if not output or paths.is_stream(output):
            with stream_writer(output) as write:
                for window in windows:
                    write(render(window))
            return
        job = None
        if input:
            job = _job(translator, input, encoding, search_options, format)
        with ResumableOutput(output, job) as file:
            for window in windows:
                window = [line for line in window if line.number > file.lines]
                if window:
                    file.add(render(window), len(window))


def _check_input(texts: tuple[str, ...], input: Path | None) -> None:
    if texts and input:
        raise InputError("give texts or --input, not both")
    if input and not input.exists():
        raise InputError(f"there is no file {input}")
    if input and not input.is_file():
        raise InputError(f"{input} is not a file; pipe it in, if it is a pipe")


def _check_document(
    path: Path,
    by_sentences: bool,
    options: TranslateOptions,
    explain: Path | None,
    format: str,
) -> None:
    if not by_sentences:
        raise InputError(
            f"this model translates no documents such as {path}: it was not "
            "trained with --data.sentences"
        )
    if format != "text" or options.nbest > 1 or explain:
        raise InputError("a document takes no --format, --nbest and --explain")


def _print_warnings(window: list[Line], results: list[TranslatedLine]) -> None:
    for line, result in zip(window, results, strict=True):
        for warning in result.warnings:
            print(f"line {line.number}: {warning}", file=sys.stderr)


def _job(
    translator: Any,
    input: Path,
    encoding: str,
    options: dict[str, Any],
    format: str,
) -> dict[str, Any]:
    """All that the output depends on, to decide whether to resume it.

    A model is identified by its translation of the first sentence, with score.
    """
    with textfile.open_file(input) as file:
        window = next(read_windows(file, _WINDOW, str(input), encoding), [])
    first = [line for line in window if line.text][:1]
    pairs = [
        pair
        for result in translate_lines(translator, first, 1, options)
        for pair in result.translations
    ]
    return {
        "input": fingerprint(input),
        "model": [[text, round(score, 3)] for text, score in pairs],
        **{f"--{k.replace('_', '-')}": value for k, value in options.items()},
        "--encoding": encoding,
        "--format": format,
    }

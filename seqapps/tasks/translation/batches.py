"""Lines, translated in batches of similar length."""

import math
from collections.abc import Iterator
from typing import Any

from seqapps.tasks.translation.evaluation.unread_source import find_unread
from seqapps.tasks.translation.importers.input_lines import Line
from seqapps.tasks.translation.rendering.line_formats import TranslatedLine
from seqapps.text import strings


def translate_lines(
    translator: Any,
    window: list[Line],
    batch_size: int,
    options: dict[str, Any],
) -> list[TranslatedLine]:
    """Translates lines, in batches of similar length.

    Args:
        translator: a `Translator`, or a loaded saved model.
        window: the lines.
        batch_size: lines per batch.
        options: of `translate`.

    Returns:
        A result for each line, in order.
    """
    results = [
        TranslatedLine(
            line.text, [("", 0.0)], [line.warning] if line.warning else []
        )
        for line in window
    ]  # as for empty lines
    rows = [i for i, line in enumerate(window) if line.text]
    texts = [window[i].text for i in rows]

    def translate_batch(batch: list[int]) -> dict[str, Any]:
        return translator.translate([texts[j] for j in batch], **options)

    batches = strings.batches_by_length(texts, batch_size)
    for batch, outputs in strings.map_concurrently(translate_batch, batches):
        for k, j in enumerate(batch):
            row = rows[j]
            warnings = list(results[row].warnings)
            truncated = bool(window[row].warning)
            if "source_tokens" in outputs:
                tokens = outputs["source_tokens"][k]
                unknown, unread = find_unread(texts[j], tokens)
                warnings += _warnings(unknown, unread, tokens)
                truncated = truncated or unread
            quality = [float(q) for q in outputs.get("quality", {k: []})[k]]
            if quality and outputs["unsure"][k]:
                warnings.append(f"unsure: its quality is {quality[0]:.2f}")
            results[row] = TranslatedLine(
                texts[j],
                list(_finite(outputs, k)),
                warnings,
                truncated,
                quality,
            )
    return results


def _finite(outputs: dict[str, Any], k: int) -> Iterator[tuple[str, float]]:
    """Yields the texts, in one line each, and the scores of a sentence."""
    pairs = zip(outputs["texts"][k], outputs["scores"][k], strict=True)
    for text, score in pairs:
        if math.isfinite(score):
            yield " ".join(text.replace("\t", " ").splitlines()), score


def _warnings(unknown: str, unread: bool, tokens: list[str]) -> Iterator[str]:
    """Yields why a translation may be wrong; see `find_unread`."""
    if unknown:
        yield f"letters that the vocabulary lacks: {unknown}"
    if unread:
        count = sum(token not in ("", "<end>") for token in tokens)
        yield f"only the first {count} sub-words are read"

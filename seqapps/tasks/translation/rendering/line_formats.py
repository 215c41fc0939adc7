"""The formats in which translations of a line are written."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple


class TranslatedLine(NamedTuple):
    """The translations of a line.

    Args:
        source: the text that was translated.
        translations: texts and their scores, best first.
        warnings: why the translations may be wrong.
        truncated: whether the end of the line was not read.
        quality: the probability that each translation is good; empty if the
            model does not say.
    """

    source: str
    translations: list[tuple[str, float]]
    warnings: list[str]
    truncated: bool = False
    quality: Sequence[float] = ()


def as_text(line: TranslatedLine) -> str:
    """The best translation, or an empty line."""
    return f"{line.translations[0][0] if line.translations else ''}\n"


def as_nbest(line: TranslatedLine) -> str:
    """A line "score, tab, text" per translation, and an empty one."""
    rows = (f"{score:.4f}\t{text}\n" for text, score in line.translations)
    return "".join(rows) + "\n"


def as_json(line: TranslatedLine) -> str:
    """A JSON object in a line."""
    row: dict[str, Any] = {
        "source": line.source,
        "translations": [
            {"text": text, "score": round(score, 6)}
            for text, score in line.translations
        ],
    }
    shown = zip(row["translations"], line.quality, strict=False)
    for translation, quality in shown:
        translation["quality"] = round(quality, 4)
    if line.warnings:
        row["unsure"] = line.warnings
    if line.truncated:
        row["cut"] = True
    return json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n"

"""Terms that are kept or have a translation of their own."""

from pathlib import Path
from typing import Any

from seqapps.errors import InputError
from seqapps.tasks.translation.importers.pair_files import Pair, read_table

_SEPARATOR = ";"


def are_known(translator: Any) -> bool:
    """Whether a translator takes a glossary, and texts of many sentences."""
    functions = getattr(translator, "functions", {})
    if "translate" not in functions:
        return False
    return "glossary" in functions["translate"].function_type.parameters


def read_terms(keep: str, glossary: Path | None, known: bool) -> list[Pair]:
    """Reads terms and their translations.

    Args:
        keep: terms that are kept, with semicolons between.
        glossary: a table of terms and their translations, or None.
        known: whether the translator takes them.

    Raises:
        InputError: there are terms, and the translator takes none; or the
            glossary cannot be read, or has a term without a translation.
    """
    pairs = [(term.strip(), term.strip()) for term in keep.split(_SEPARATOR)]
    if glossary:
        pairs += read_table(glossary, 1, 2)
    pairs = [pair for pair in pairs if any(pair)]
    for term, translation in pairs:
        if not term or not translation:
            raise InputError(
                f"{glossary} has {term or translation!r} without a "
                f"{'translation' if term else 'term'}"
            )
    if pairs and not known:
        raise InputError(
            "this model takes no --keep and no --glossary: it was not trained "
            "with --data.sentences"
        )
    return pairs

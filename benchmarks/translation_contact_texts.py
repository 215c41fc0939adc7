"""The texts of translation_contact.py: suites, test sentences, their forms."""

import csv
import random
import unicodedata
from collections.abc import Sequence
from pathlib import Path

SUITES = Path(__file__).parent / "suites"
GROUPS = {
    "names": ("name", "place", "address"),
    "numbers": (
        "number",
        "decimal",
        "price",
        "date",
        "time",
        "unit",
        "percent",
    ),
    "codes": ("code", "phone"),
    "protected": (
        *("url", "email", "file", "tag", "placeholder", "handle", "version"),
    ),
}
Pair = tuple[str, str]  # source, reference


def read(name: str, folder: Path = SUITES) -> list[dict[str, str]]:
    """The rows of a suite."""
    with (folder / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        plain = {"delimiter": "\t", "quoting": csv.QUOTE_NONE}
        return list(csv.DictReader(file, **plain))


def travel(reverse: bool, folder: Path = SUITES) -> list[Pair]:
    """The pairs of travel.tsv."""
    pairs = [(r["source"], r["reference"]) for r in read("travel", folder)]
    return [pair[::-1] for pair in pairs] if reverse else pairs


def untranslatable(reverse: bool) -> list[dict[str, str]]:
    """The rows of nonsense.tsv that are of no use to a direction."""
    rows = read("nonsense")
    return [r for r in rows if not (reverse and r["why"] == "English")]


def tatoeba(folder: Path, count: int, seed: int, reverse: bool) -> list[Pair]:
    """Test pairs of `load_data`'s default split, chosen by seed."""
    from seqapps.tasks.translation.importers import pair_files, splitting

    if (folder / "spa.txt").exists():
        pairs = pair_files.read_table(folder / "spa.txt", 2, 1)
    else:
        from seqapps.tasks.translation.collection import load_collection

        pairs = load_collection("spa_eng", folder)["train"]
    pairs = {"train": [pair for pair in pairs if all(pair)]}
    test = splitting.complete_splits(pairs, 0.02, 0.02, 0)["test"]
    chosen = random.Random(seed).sample(test, min(count, len(test)))
    return [pair[::-1] for pair in chosen] if reverse else chosen


def without_accents(text: str) -> str:
    """A text whose letters have no marks."""
    letters = unicodedata.normalize("NFD", text)
    return "".join(c for c in letters if not unicodedata.combining(c))


FORMS = {
    "as they are": lambda text: text,
    "CAPITALS": str.upper,
    "without accents": without_accents,
    "lower case": str.lower,
    "without end mark": lambda text: text.rstrip(" .?!…"),
    "NFD": lambda text: unicodedata.normalize("NFD", text),
    "Windows end of line": lambda text: text + "\r\n",
}


def on_lines(pairs: Sequence[Pair], count: int) -> list[Pair]:
    """Pairs joined to `count` sentences a line; a shorter rest is left out."""
    whole = range(0, len(pairs) - count + 1, count)
    lines = [zip(*pairs[i : i + count], strict=True) for i in whole]
    return [(" ".join(source), " ".join(target)) for source, target in lines]

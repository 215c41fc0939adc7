"""What was translated, to be looked at: a table, examples, a chart."""

import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from seqapps.files import write as write_file
from seqapps.text.strings import escape_formula

_SHOWN = 20  # worst, and best, examples
_COLUMNS = ("source", "reference", "translation", "chrF", "BLEU")

Row = tuple[str, str, str, float, float]  # as _COLUMNS names it


def write(
    folder: Path,
    texts: Sequence[tuple[str, str, str]],
    lengths: dict[str, tuple[float, int]],
    escape: bool = False,
) -> None:
    """Writes translations.tsv, examples.txt and by_length.png.

    Args:
        folder: is there.
        texts: source, reference and translation of each.
        lengths: what `metrics.by_length` gave.
        escape: whether formulas in the table are escaped.
    """
    rows = measured(texts)
    write_file(folder / "translations.tsv", table(rows, escape))
    write_file(folder / "examples.txt", examples(rows))
    write_file(folder / "by_length.png", chart(lengths))
    print(
        f"{folder}: translations.tsv, examples.txt, by_length.png",
        file=sys.stderr,
    )


def measured(texts: Sequence[tuple[str, str, str]]) -> list[Row]:
    """Each text with its own chrF and BLEU.

    Of a text that has fewer than four words BLEU takes shorter runs only.
    """
    from sacrebleu.metrics import BLEU, CHRF

    bleu, chrf = BLEU(effective_order=True, force=True), CHRF()
    return [
        (
            source,
            reference,
            said,
            chrf.sentence_score(said, [reference]).score,
            bleu.sentence_score(said, [reference]).score,
        )
        for source, reference, said in texts
    ]


def table(rows: Sequence[Row], escape: bool = False) -> str:
    """The rows parted by tabs, with a header."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, delimiter="\t", lineterminator="\n")
    writer.writerow(_COLUMNS)
    for *texts, chrf, bleu in rows:
        texts = map(escape_formula, texts) if escape else texts
        writer.writerow([*texts, f"{chrf:.2f}", f"{bleu:.2f}"])
    return sheet.getvalue()


def examples(rows: Sequence[Row]) -> str:
    """The 20 worst by chrF, and the 20 best, or half of all if those are few.

    The worst begin with the worst, the best with the best.
    """
    ranked = sorted(rows, key=lambda row: row[3])
    few = min(_SHOWN, (len(ranked) + 1) // 2)
    parts = {"worst": ranked[:few], "best": ranked[::-1][:few]}
    said = []
    for name, some in parts.items():
        said.append(f"The {len(some)} {name} by chrF\n")
        for source, reference, translation, chrf, _ in some:
            said.append(
                f"{chrf:6.1f}  source       {source}\n"
                f"        reference    {reference}\n"
                f"        translation  {translation}\n"
            )
    return "\n".join(said)


def chart(lengths: dict[str, tuple[float, int]]) -> bytes:
    """A PNG of BLEU by the words of the source.

    Args:
        lengths: what `metrics.by_length` gave.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 3.2), layout="constrained")
    axes = figure.subplots()
    bars = axes.bar(
        range(len(lengths)),
        [number for number, _ in lengths.values()],
        width=0.7,
        color="#4c6a92",
    )
    axes.bar_label(bars, fmt="%.1f", padding=2)
    names = [
        f"{name.replace('-', '–')}\n{count:,} texts"
        for name, (_, count) in lengths.items()
    ]
    axes.set_xticks(range(len(lengths)), names, fontsize=9)
    axes.tick_params(length=0)
    axes.set(xlabel="words of the source", ylabel="BLEU, lower-cased")
    axes.set_xlim(-0.6, max(len(lengths), 3) - 0.4)
    axes.margins(y=0.12)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.grid(axis="y", color="0.9", linewidth=0.7)
    axes.set_axisbelow(True)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=150)
    return picture.getvalue()

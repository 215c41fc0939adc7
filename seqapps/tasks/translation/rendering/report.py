"""A report of an evaluation: a table, examples, a chart."""

import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from seqapps.files import write_file
from seqapps.text.strings import escape_formula

_EXAMPLES = 20  # worst ones, and best ones
_COLUMNS = ("source", "reference", "translation", "chrF", "BLEU")

Row = tuple[str, str, str, float, float]  # of _COLUMNS


def write_report(
    folder: Path,
    texts: Sequence[tuple[str, str, str]],
    lengths: dict[str, tuple[float, int]],
    escape: bool = False,
) -> None:
    """Writes translations.tsv, examples.txt and by_length.png.

    Args:
        folder: an existing one.
        texts: source, reference and translation of each pair.
        lengths: of `metrics.bleu_by_length`.
        escape: make cells of the table `strings.escape_formula`.
    """
    rows = score_rows(texts)
    write_file(folder / "translations.tsv", table(rows, escape))
    write_file(folder / "examples.txt", examples(rows))
    write_file(folder / "by_length.png", chart(lengths))
    print(
        f"{folder}: translations.tsv, examples.txt, by_length.png",
        file=sys.stderr,
    )


def score_rows(texts: Sequence[tuple[str, str, str]]) -> list[Row]:
    """Adds the chrF and the BLEU of each text.

    BLEU of a text with fewer than four words uses shorter n-grams only.
    """
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    bleu, chrf = BLEU(effective_order=True, force=True), CHRF()
    return [
        (
            source,
            reference,
            translation,
            chrf.sentence_score(translation, [reference]).score,
            bleu.sentence_score(translation, [reference]).score,
        )
        for source, reference, translation in texts
    ]


def table(rows: Sequence[Row], escape: bool = False) -> str:
    """The rows as tab-separated values, with a header."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, delimiter="\t", lineterminator="\n")
    writer.writerow(_COLUMNS)
    for *texts, chrf, bleu in rows:
        cells = map(escape_formula, texts) if escape else texts
        writer.writerow([*cells, f"{chrf:.2f}", f"{bleu:.2f}"])
    return sheet.getvalue()


def examples(rows: Sequence[Row]) -> str:
    """The 20 worst rows by chrF, worst first, and the 20 best, best first.

    Fewer than 40 rows are halved.
    """
    ranked = sorted(rows, key=lambda row: row[3])
    count = min(_EXAMPLES, (len(ranked) + 1) // 2)
    parts = {"worst": ranked[:count], "best": ranked[::-1][:count]}
    lines = []
    for name, part in parts.items():
        lines.append(f"The {len(part)} {name} by chrF\n")
        for source, reference, translation, chrf, _ in part:
            lines.append(
                f"{chrf:6.1f}  source       {source}\n"
                f"        reference    {reference}\n"
                f"        translation  {translation}\n"
            )
    return "\n".join(lines)


def chart(lengths: dict[str, tuple[float, int]]) -> bytes:
    """Draws BLEU by the length of the source, as a PNG.

    Args:
        lengths: of `metrics.bleu_by_length`.
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

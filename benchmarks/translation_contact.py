"""Translation at first contact: what people type first, kind by kind.

    python benchmarks/translation_contact.py
    python benchmarks/translation_contact.py --model runs/translation/NAME
        --data-dir ../shared/data/anki/spa-eng
    python benchmarks/translation_contact.py --model NEW --beside OLD > page.md

Reads our suites: of strings that must stand in a translation, suites/kept.tsv
(kept_en_es.tsv with `--reverse`; a string listed twice must stand twice); of
travel sentences, travel.tsv; of paragraphs, paragraphs.tsv, where " | " stands
between sentences; and of what cannot be translated, nonsense.tsv. BLEU and
chrF are sacrebleu's, cased unless said otherwise.

With `--data-dir` 500 test sentences of Tatoeba are altered and joined, else
those of travel.tsv: "without accents" takes every mark off a letter, that of ñ
too. A model that has "quality" and "unsure" among its results is measured by
them too; of others "below travel" is how much nonsense scores below 95 % of
travel.
"""

import argparse
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from translation_contact_measures import (
    Said,
    lost,
    sentence_chrf,
    spearman,
    translate,
)
from translation_contact_texts import (
    FORMS,
    GROUPS,
    SUITES,
    Pair,
    on_lines,
    read,
    tatoeba,
    travel,
    untranslatable,
)


def table(*columns: str) -> None:
    """Begins a table."""
    print(f"\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")


def row(name: str, *cells: Any) -> None:
    """A line of a table."""
    cells = [f"{c:.1f}" if isinstance(c, float) else str(c) for c in cells]
    print(f"| {' | '.join([name, *cells])} |", flush=True)


def kept(translator: Any, rows: list[dict[str, str]]) -> None:
    """The share of kept strings, by kind and by group of kinds."""
    said = translate(translator, [r["source"] for r in rows])
    counts = defaultdict(list)
    home = {kind: name for name, kinds in GROUPS.items() for kind in kinds}
    for r, text in zip(rows, said.texts, strict=True):
        gone, wanted = len(lost(r["kept"], text)), r["kept"].count(" | ") + 1
        for group in (r["kind"], f"**{home[r['kind']]}**", "**all**"):
            counts[group].append((wanted, wanted - gone, not gone))
    table("kind", "sentences", "strings", "kept, %", "sentences whole, %")
    for group in sorted(counts):
        wanted, found, whole = np.sum(counts[group], 0)
        number = len(counts[group])
        row(group, number, wanted, 100 * found / wanted, 100 * whole / number)


def texts(name: str, said: Sequence[str], references: Sequence[str]) -> None:
    """BLEU, chrF and length of translations."""
    from seqapps.tasks.translation import metrics

    row(
        name,
        len(said),
        metrics.bleu(said, references),
        metrics.bleu(said, references, lowercase=True),
        metrics.chrf(said, references),
        f"{metrics.length_ratio(said, references):.2f}",
    )


def paragraphs(translator: Any, folder: Path) -> None:
    """Paragraphs at once, and their sentences one at a time."""
    rows = read("paragraphs", folder)
    sentences = [r["source"].split(" | ") for r in rows]
    references = [r["reference"] for r in rows]
    whole = translate(translator, [" ".join(s) for s in sentences]).texts
    alone = iter(translate(translator, sum(sentences, [])).texts)
    texts("paragraphs", whole, references)
    joined = [" ".join(next(alone) for _ in some) for some in sentences]
    texts("paragraphs, a sentence at a time", joined, references)


def forms(translator: Any, pairs: Sequence[Pair]) -> None:
    """Sentences as they are, altered, and several on a line."""
    sources, references = zip(*pairs, strict=True)
    for name, change in FORMS.items():
        said = translate(translator, [change(text) for text in sources])
        texts(name, said.texts, references)
    for count, word in {2: "two", 3: "three"}.items():
        sources, references = zip(*on_lines(pairs, count), strict=True)
        texts(
            f"{word} a line", translate(translator, sources).texts, references
        )


def agreement(name: str, said: Said, references: Sequence[str]) -> None:
    """How well a model's own figures follow the chrF of its translations."""
    quality = list(map(sentence_chrf, said.texts, references))
    cells = [f"{spearman(said.scores, quality):.2f}", "", ""]
    if None not in said.quality:
        cells[1] = f"{spearman(said.quality, quality):.2f}"
    if None not in said.unsure:
        cells[2] = f"{100 * np.mean(said.unsure):.1f}"
    row(name, len(references), *cells)


def nonsense(translator: Any, usual: Said, reverse: bool) -> None:
    """What a model says of what cannot be translated."""
    rows = untranslatable(reverse)
    said = translate(translator, [r["input"] for r in rows])
    table("why", "input", "what it says", "score", "quality", "unsure")
    for r, *cells in zip(rows, *said, strict=True):
        shown = [f"{c:.2f}" if isinstance(c, float) else c for c in cells[1:]]
        shown = ["" if c is None else c for c in shown]
        row(r["why"], cell(r["input"]), cell(cells[0]), *shown)
    below = np.array(said.scores) < np.quantile(usual.scores, 0.05)
    same = [
        r["input"].split() == text.split()
        for r, text in zip(rows, said.texts, strict=True)
    ]
    print(f"\nbelow travel: {below.sum()} of {len(rows)}")
    print(f"given back as it was: {sum(same)} of {len(rows)}")
    if None not in said.unsure:
        print(f"marked as unsure: {sum(said.unsure)} of {len(rows)}")


def cell(text: str) -> str:
    """A text as a cell of a Markdown table, cut if it is long."""
    from seqapps.text.strings import shorten

    text = " ".join(shorten(text, 300).split())
    return re.sub(r"[&<>|*_`\[\]\\]", lambda c: f"&#{ord(c[0])};", text)


def sections(reverse: bool) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Rows of source, reference and kept strings by kind."""
    rows = read("kept_en_es" if reverse else "kept")
    for name, kinds in GROUPS.items():
        yield name, [r for r in rows if r["kind"] in kinds]
    pairs = {
        f"travel, {name}": [(FORMS[name](s), r) for s, r in travel(reverse)]
        for name in ("as they are", "CAPITALS", "without accents")
    }
    if not reverse:
        pairs["paragraphs"] = [
            (r["source"].replace(" | ", " "), r["reference"])
            for r in read("paragraphs")
        ]
    for name, some in pairs.items():
        yield name, [{"source": s, "reference": r} for s, r in some]
    yield "nonsense", [{"source": r["input"]} for r in untranslatable(reverse)]


def remark(r: dict[str, str], text: str, unsure: bool | None) -> str:
    """A translation and what is wrong in it."""
    gone = [
        f"**lost: {cell(string)}**" for string in lost(r.get("kept", ""), text)
    ]
    if "reference" in r and "kept" not in r:
        gone.append(f"(chrF {sentence_chrf(text, r['reference']):.0f})")
    gone += ["*unsure*"] if unsure else []
    return " ".join([cell(text), *gone]).strip()


def page(before: Any, after: Any, given: argparse.Namespace) -> None:
    """Texts of each kind, chosen by seed, and what two models say."""
    for name, rows in sections(given.reverse):
        chance = random.Random(given.seed)
        rows = chance.sample(rows, min(given.texts, len(rows)))
        print(f"\n## {name[0].upper()}{name[1:]}")
        table("text", "reference", "before", "now")
        sources = [r["source"] for r in rows]
        both = [translate(model, sources) for model in (before, after)]
        for i, r in enumerate(rows):
            cells = [remark(r, said.texts[i], said.unsure[i]) for said in both]
            row(cell(r["source"]), cell(r.get("reference", "")), *cells)


def load(path: Path) -> Any:
    """A saved model, or the translator of a run."""
    from seqapps.tasks import translation
    from seqapps.training import load_predictor

    how = translation.build_model, translation.Translator
    return load_predictor(path, "translation", *how)


def main(given: argparse.Namespace) -> None:
    """Prints the tables, or the page."""
    translator, reverse = load(given.model), given.reverse
    if given.beside:
        page(load(given.beside), translator, given)
        return
    folder = SUITES / given.suites
    kept(translator, read("kept_en_es" if reverse else "kept", folder))
    sources, references = zip(*travel(reverse, folder), strict=True)
    usual = translate(translator, sources)
    columns = "number", "BLEU", "BLEU, lower-cased", "chrF", "length ratio"
    table("texts", *columns)
    texts("travel", usual.texts, references)
    if (folder / "paragraphs.tsv").exists() and not reverse:
        paragraphs(translator, folder)
    if given.suites:
        return
    pairs = travel(reverse)
    if given.data_dir:
        pairs = tatoeba(given.data_dir, given.sentences, given.seed, reverse)
    table("test sentences" if given.data_dir else "travel", *columns)
    forms(translator, pairs)
    table("agrees with chrF", "number", "score", "quality", "unsure, %")
    agreement("travel", usual, references)
    if given.data_dir:
        sources, references = zip(*pairs, strict=True)
        agreement("test", translate(translator, sources), references)
    nonsense(translator, usual, reverse)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--model", type=Path, default="saved_models/translation/2"
    )
    parser.add_argument(
        "--beside", type=Path, help="print texts and what both say"
    )
    parser.add_argument("--texts", type=int, default=40, help="a kind")
    parser.add_argument("--data-dir", type=Path, help="of Tatoeba's spa_eng")
    parser.add_argument("--sentences", type=int, default=500)
    parser.add_argument("--reverse", action="store_true", help="en to es")
    parser.add_argument(
        "--suites",
        choices=["unseen", "earlier"],
        default="",
        help="those that were written, without a look at ours or at what was "
        "trained on, when all else was finished; earlier: for a model before",
    )
    parser.add_argument("--seed", type=int, default=0)
    main(parser.parse_args())

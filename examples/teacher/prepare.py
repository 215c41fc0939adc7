"""Collects what the teacher reads: reviews, phrases, sentences, as ids.

    python examples/teacher/prepare.py --data DIR --output runs/teacher

Needs tensorflow-datasets with imdb_reviews, the files of the Stanford Sentiment
Treebank, and vaderSentiment (MIT) for weak labels of everyday sentences.
Writes texts.jsonl.gz, a text a line with its source, and ids.npz.
"""

import argparse
import csv
import gzip
import json
import random
from collections import Counter
from pathlib import Path

import numpy as np
import templates
import tokens

VOCABULARY = 50_000  # ids 0 padding, 1 another word, 2 end of a text
TREEBANK = {"0": 0.03, "1": 0.12, "2": 0.5, "3": 0.88, "4": 0.97}


def main(data: Path, output: Path) -> None:
    """Collects, labels, encodes and writes."""
    from seqapps.tasks.sentiment import collection
    from seqapps.tasks.sentiment.importers.splitting import split_texts

    reviews = collection.load_collection(
        "imdb_reviews", data / "tfds", "text", "label"
    )
    reviews |= split_texts(reviews["train"], 0.1, 0)
    unlabelled = collection.load_unlabelled(
        "imdb_reviews", data / "tfds", "text"
    )
    # (source, text, probability that it is positive; -1 if not known)
    rows: list[tuple[str, str, float]] = []
    for split in ("train", "validation", "test"):
        rows += [
            (split, text, float(label == "pos"))
            for text, label in reviews[split]
        ]
    rows += [("unlabelled", text, -1.0) for text in unlabelled]
    held_out = {text[:200] for text, _ in reviews["validation"]}
    rows += _counterfactual(data / "cad_imdb" / "paired.train.tsv", held_out)
    treebank, seen = _treebank(data / "sst")
    rows += treebank
    rows += [("template", *row) for row in templates.generate(60_000)]
    rows += _everyday(data, seen)
    rows += _film_sentences(reviews["train"])
    _write(rows, output)


def _counterfactual(
    path: Path, held_out: set[str]
) -> list[tuple[str, str, float]]:
    """Reviews and their minimal edits, without those held out."""
    with path.open(encoding="utf-8") as file:
        pairs = list(csv.DictReader(file, delimiter="\t"))
    clean = {"".join(t.split())[:100] for t in held_out}
    out = {
        row["batch_id"]
        for row in pairs
        if "".join(row["Text"].split())[:100] in clean
    }
    return [
        ("counterfactual", row["Text"], float(row["Sentiment"] == "Positive"))
        for row in pairs
        if row["batch_id"] not in out
    ]


def _treebank(folder: Path) -> tuple[list[tuple[str, str, float]], set[str]]:
    """Phrases of the training trees; sentences of dev and test."""
    rows, seen = [], set()
    for split in ("dev", "test"):
        lines = (folder / f"stsa.binary.{split}").read_text("utf-8")
        for line in lines.splitlines():
            label, text = line.split(" ", 1)
            rows.append((f"treebank-{split}", text, float(label)))
            seen.add(" ".join(tokens.words(text)))
        lines = (folder / f"stsa.fine.{split}").read_text("utf-8")
        seen |= {
            " ".join(tokens.words(line.split(" ", 1)[1]))
            for line in lines.splitlines()
        }
    lines = (folder / "train_phrases.tsv").read_text("utf-8")
    for line in lines.splitlines():
        label, text = line.split("\t", 1)
        if " ".join(tokens.words(text)) not in seen:
            rows.append(("phrase", text, TREEBANK[label]))
    return rows, seen


def _everyday(data: Path, seen: set[str]) -> list[tuple[str, str, float]]:
    """Everyday and technical sentences, with weak labels of a word list."""
    texts = set()
    for path in sorted((data / "anki").rglob("[a-z]*.txt")):
        for line in path.read_text("utf-8").splitlines():
            texts.add(line.split("\t")[0])
    for name in ("gnome_user_docs", "debian_package_descriptions"):
        for line in (
            (data / "es_en" / f"{name}.tsv").read_text("utf-8").splitlines()
        ):
            texts.add(line.split("\t")[0])
    rows = []
    for text, compound in _weak(sorted(texts)):
        if " ".join(tokens.words(text)) in seen:
            continue
        if compound == 0:
            rows.append(("everyday", text, 0.5))
        elif abs(compound) >= 0.3:
            rows.append(("everyday", text, 0.9 if compound > 0 else 0.1))
    return rows


def _film_sentences(
    train: list[tuple[str, str]],
) -> list[tuple[str, str, float]]:
    """Sentences on which the word list agrees with their review's label."""
    texts, labels = [], {}
    for text, label in train:
        for sentence in tokens.sentences(text):
            if 3 <= len(sentence.split()) <= 30:
                texts.append(sentence)
                labels[sentence] = label
    draw = random.Random(0)
    texts = draw.sample(sorted(set(texts)), 120_000)
    return [
        ("film", text, 0.9 if compound > 0 else 0.1)
        for text, compound in _weak(texts)
        if abs(compound) >= 0.5 and (compound > 0) == (labels[text] == "pos")
    ]


def _weak(texts: list[str]) -> list[tuple[str, float]]:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return [(t, analyzer.polarity_scores(t)["compound"]) for t in texts]


def _write(rows: list[tuple[str, str, float]], output: Path) -> None:
    """Encodes each text by sentences; writes texts and ids."""
    output.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter()
    split_rows = []
    for source, text, _ in rows:
        whole = source in ("train", "validation", "test", "unlabelled")
        parts = tokens.sentences(text) if whole else [text]
        split = [tokens.words(part) for part in parts]
        split_rows.append((parts, split))
        if source != "test":
            for part in split:
                counts.update(part)
    vocabulary = [word for word, n in counts.most_common(VOCABULARY) if n > 1]
    id_of = {word: i + 3 for i, word in enumerate(vocabulary)}
    ids, lengths, part_of_row, part_lengths = [], [], [], []
    with gzip.open(output / "texts.jsonl.gz", "wt", encoding="utf-8") as file:
        for number, ((source, text, p), (parts, split)) in enumerate(
            zip(rows, split_rows, strict=True)
        ):
            encoded = [[id_of.get(w, 1) for w in part] for part in split]
            ids.append(np.array(sum(encoded, []), np.uint16))
            lengths.append(len(ids[-1]))
            part_of_row += [number] * len(parts)
            part_lengths += [len(part) for part in encoded]
            line = {"source": source, "p": p, "text": text}
            if source in ("train", "unlabelled"):
                line["sentences"] = parts
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    sources = sorted({source for source, _, _ in rows})
    np.savez_compressed(
        output / "ids.npz",
        ids=np.concatenate(ids),
        lengths=np.array(lengths, np.int32),
        source=np.array([sources.index(s) for s, _, _ in rows], np.uint8),
        sources=np.array(sources),
        p=np.array([p for _, _, p in rows], np.float32),
        part_row=np.array(part_of_row, np.int32),
        part_lengths=np.array(part_lengths, np.uint16),
        words=len(vocabulary) + 3,
    )
    (output / "vocabulary.json").write_text(json.dumps(vocabulary))
    for name, n in Counter(source for source, _, _ in rows).items():
        print(f"{name:16} {n:8,} texts")
    print(f"{sum(lengths):,} words, {len(vocabulary):,} of them known")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    main(arguments.data, arguments.output)

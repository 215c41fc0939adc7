"""Writes what the student learns: texts with the probability of each class.

    python examples/teacher/student.py --data runs/teacher

Reads the texts of prepare.py, the logits of train.py, sentences.tsv, and for
whole reviews the probabilities of reviews.py. A person's label and the
teacher's opinion count one half each; of a sentence without a label, the
teacher's and that of an earlier student (`--earlier`). Writes
sentences.jsonl.gz and reviews.jsonl.gz for `--data.teacher`; and train.jsonl,
valid.jsonl and test.jsonl, sentences with a person's label; written.jsonl has
those of sentences.tsv that are left out.
"""

import argparse
import csv
import gzip
import json
import random
import re
from pathlib import Path

import numpy as np
import opinions
import templates

from seqapps.tasks.sentiment import teacher

_SENTENCES = 200_000  # of reviews
_NEUTRAL = 50_000  # everyday sentences without an opinion
_MARKED = 220_000  # of these again, with a word of opinion
_COPIES = 5  # of a sentence of sentences.tsv, and of one of the treebank
_WHOLE = 12  # words of a phrase that is nearly a sentence
_HELD_OUT = 20  # one in so many of these is left out
_PROBABILITIES = {"pos": 0.97, "neg": 0.03, "neu": 0.5}
_FRAMES = (
    "{s} {w}|{s} {w}|{w} {s}|{w} , {s}|{s} #{w}|{s} {w} {w2}|news of {w}|"
    "reports about {w} and {w2}|they talk about {w}|after the {w}|"
    "more {w} in the city|{w} again|so much {w}|{w} and {w2}|"
    "the government and the {w}|what {w} !|{w}|{w} !!!|feeling {w}|"
    "it was all {w} and {w2}|people {w} every day|they {w} us|"
    "{s} {s2} {w}|{w} {s} {s2}|{s} {w} {s2}|{w} {w2} {s}|rt {s} {w}|so {w}|"
    "{s} ... {w} !|{s} , so {w} right now|i am {w}|we are so {w}|my day : {w}|"
    "{s} and {w}|{w} ! {s}|{s} {w} lol|{w} today|just {w}|{s} #{w} #{w2}"
).split("|")


def main(arguments: argparse.Namespace) -> None:
    """Writes the file."""
    folder = arguments.data
    with np.load(folder / "logits.npz") as file:
        p_text = 1 / (1 + np.exp(-file["texts"].astype(float)))
        p_part = 1 / (1 + np.exp(-file["parts"].astype(float)))
    with np.load(folder / "ids.npz") as file:
        part_row = file["part_row"]
    first_part = np.searchsorted(part_row, np.arange(len(p_text)))
    rows: list[tuple[str, float]] = []
    neutral, reviews, sentences = [], [], []
    labelled: dict[str, list[tuple[str, float]]] = {"valid": [], "test": []}
    with gzip.open(folder / "texts.jsonl.gz", "rt", encoding="utf-8") as file:
        for number, line in enumerate(file):
            row = json.loads(line)
            source, text, p = row["source"], row["text"], row["p"]
            q = p_text[number]
            both = (p + q) / 2 if q == q else p
            if source == "everyday" and p == 0.5:
                neutral.append((text, both))
            elif source in ("phrase", "film", "everyday"):
                whole = source == "phrase" and len(text.split()) >= _WHOLE
                rows += [(text, both)] * (_COPIES if whole else 1)
            elif source == "treebank-dev":
                labelled["valid"].append((text, p))
            elif source == "treebank-test":
                labelled["test"].append((text, p))
            elif source == "unlabelled":
                reviews.append(text)
                ps = p_part[first_part[number] :]
                sentences += [
                    (sentence, p)
                    for sentence, p in zip(row["sentences"], ps, strict=False)
                    if p == p  # not all have an opinion of the teacher
                ]
    draw = random.Random(0)
    sentences = draw.sample(sentences, min(_SENTENCES, len(sentences)))
    if arguments.earlier:
        _, other = teacher.soft_texts(
            arguments.earlier, [text for text, _ in sentences], ["neg", "pos"]
        )
        sentences = [
            (text, (p + q) / 2)
            for (text, p), (_, q) in zip(sentences, other, strict=True)
        ]
    rows += sentences
    draw.shuffle(neutral)
    rows += neutral[:_NEUTRAL]
    rows += templates.generate(arguments.templates, seed=7)
    rows += _marked([text for text, _ in neutral], draw)
    with np.load(folder / "reviews.npz") as file:
        long = list(zip(reviews, file["unlabelled"], strict=True))
    written, labelled["train"], labelled["written"] = _written(draw)
    _write_soft(folder / "sentences.jsonl.gz", rows + written, draw)
    _write_soft(folder / "reviews.jsonl.gz", long, draw)
    for name, some in labelled.items():
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            for text, p in some:
                line = {"text": text, "label": "pos" if p > 0.5 else "neg"}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        print(f"{name}.jsonl: {len(some):,} sentences with a label")


def _write_soft(
    path: Path, rows: list[tuple[str, float]], draw: random.Random
) -> None:
    """Writes texts with the probability of each class, in random order."""
    draw.shuffle(rows)
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=4) as file:
        for text, p in rows:
            p = round(min(max(float(p), 0.001), 0.999), 4)
            probabilities = {"neg": round(1 - p, 4), "pos": p}
            line = {"text": text, "probabilities": probabilities}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    print(f"{path}: {len(rows):,} texts")


def _marked(texts: list[str], draw: random.Random) -> list[tuple[str, float]]:
    """Neutral sentences with a word, an emoticon or an emoji of VADER's."""
    signs = opinions.valences()
    words = list(signs)
    pools = {
        sign: [w for w in words if (signs[w] > 0) == (sign > 0)]
        for sign in (1, -1)
    }
    rows = []
    for _ in range(_MARKED):
        word = draw.choice(words)
        sign = 1 if signs[word] > 0 else -1
        text = draw.choice(_FRAMES).format(
            s=draw.choice(texts),
            s2=draw.choice(texts),
            w=word,
            w2=draw.choice(pools[sign]),
        )
        sure = 0.47 if abs(signs[word]) >= 1.5 else 0.38
        rows.append((text, 0.5 + sign * sure))
    return rows


def _written(
    draw: random.Random,
) -> tuple[list[tuple[str, float]], ...]:
    """Of sentences.tsv copies, those to train on, and those left out."""
    words = opinions.lexicon()["JJ"]
    sign_of = {word: sign for sign in words for word in words[sign]}
    path = Path(__file__).with_name("sentences.tsv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            (row["text"], _PROBABILITIES[row["label"]])
            for row in csv.DictReader(file, delimiter="\t")
        ]
    train = [row for i, row in enumerate(rows) if i % _HELD_OUT]
    copies = [
        (_vary(text, sign_of, words, draw, copy), p)
        for text, p in train
        for copy in range(_COPIES)
    ]
    return (
        copies,
        [row for row in train if row[1] != 0.5],
        [row for row in rows[::_HELD_OUT] if row[1] != 0.5],
    )


def _vary(text, sign_of, words, draw, copy):
    """A copy: as it is, without its last mark, with another adjective."""
    if copy % 2:
        text = text.rstrip(".!")
    if copy % 4 < 2:
        return text

    def other(match):
        sign = sign_of.get(match[0].lower())
        return draw.choice(words[sign]) if sign else match[0]

    return re.sub(r"[A-Za-z]+", other, text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--earlier", type=Path)
    parser.add_argument("--templates", type=int, default=120_000)
    main(parser.parse_args())

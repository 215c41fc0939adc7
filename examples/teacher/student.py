"""Writes what the student learns: texts with the probability of each class.

    python examples/teacher/student.py --data runs/teacher

Reads the texts of prepare.py, the logits of train.py, and for whole reviews the
probabilities of a classifier (`--reviews`). A person's label and the teacher's
opinion count one half each. Writes soft.jsonl.gz for `--data.teacher`.
"""

import argparse
import gzip
import json
import random
from pathlib import Path

import numpy as np
import opinions
import templates

_NEUTRAL = 50_000  # everyday sentences without an opinion
_MARKED = 60_000  # of these again, with a word of opinion
_FRAMES = (
    "{s} {w}|{s} {w}|{w} {s}|{w} , {s}|{s} #{w}|{s} {w} {w2}|news of {w}|"
    "reports about {w} and {w2}|they talk about {w}|after the {w}|"
    "more {w} in the city|{w} again|so much {w}|{w} and {w2}|"
    "the government and the {w}|what {w} !|{w}|{w} !!!|feeling {w}|"
    "it was all {w} and {w2}|people {w} every day|they {w} us"
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
    neutral, reviews = [], []
    with gzip.open(folder / "texts.jsonl.gz", "rt", encoding="utf-8") as file:
        for number, line in enumerate(file):
            row = json.loads(line)
            source, text, p = row["source"], row["text"], row["p"]
            q = p_text[number]
            both = (p + q) / 2 if q == q else p
            if source == "everyday" and p == 0.5:
                neutral.append((text, both))
            elif source in ("phrase", "film", "everyday"):
                rows.append((text, both))
            elif source == "counterfactual":
                rows.append((text, 0.03 + 0.94 * p))
            elif source == "unlabelled":
                reviews.append(text)
                ps = p_part[first_part[number] :]
                rows += [
                    (sentence, p)
                    for sentence, p in zip(row["sentences"], ps, strict=False)
                    if p == p  # not all have an opinion of the teacher
                ]
    draw = random.Random(0)
    draw.shuffle(neutral)
    rows += neutral[:_NEUTRAL]
    rows += templates.generate(arguments.templates, seed=7)
    rows += _marked([text for text, _ in neutral], draw)
    rows += _review_labels(reviews, arguments.reviews)
    draw.shuffle(rows)
    path = folder / "soft.jsonl.gz"
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
            s=draw.choice(texts), w=word, w2=draw.choice(pools[sign])
        )
        sure = 0.44 if abs(signs[word]) >= 1.5 else 0.3
        rows.append((text, 0.5 + sign * sure))
    return rows


def _review_labels(texts: list[str], model: Path) -> list[tuple[str, float]]:
    """Whole reviews with the probabilities of a saved classifier."""
    import seqapps

    classifier = seqapps.load(model)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    rows = []
    for i in range(0, len(order), 64):
        some = [texts[k] for k in order[i : i + 64]]
        answer = classifier.classify(some)
        column = list(answer["labels"]).index("pos")
        rows += [
            (text, p[column])
            for text, p in zip(some, answer["probabilities"], strict=True)
        ]
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--reviews", type=Path, default=Path("saved_models/sentiment/2")
    )
    parser.add_argument("--templates", type=int, default=220_000)
    main(parser.parse_args())

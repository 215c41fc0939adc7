"""Sentiment at first contact: what people type first, domain by domain.

    python benchmarks/first_contact.py
    python benchmarks/first_contact.py --model runs/sentiment/NAME
        --sst ../shared/data/sst --rated hutto_ICWSM_2014

Reads our suites of negations, suites/negation.tsv, earlier.tsv, which a model
before was measured with, and unseen.tsv, which nobody looked at before what
ships was finished; opinions.tsv, which was written after that, a third of it
plain; and of pairs that differ by a few words or only by their
order, suites/pairs.tsv. With `--sst` also the
sentences of the Stanford Sentiment Treebank (stsa.binary.test). With `--rated`
sentences that people rated, of four domains, which the source distribution of
vaderSentiment holds (additional_resources/hutto_ICWSM_2014.tar.gz; Hutto and
Gilbert 2014); a sentence is positive if its mean rating is above 0. The word
list VADER is the baseline where it is installed: pip install vaderSentiment.
"""

import argparse
import csv
import random
from collections import defaultdict
from pathlib import Path

import numpy as np

SUITES = Path(__file__).parent / "suites"
_RATED = {
    "films": "movieReviewSnippets_GroundTruth.txt",
    "goods": "amazonReviewSnippets_GroundTruth.txt",
    "news": "nytEditorialSnippets_GroundTruth.txt",
    "tweets": "tweets_GroundTruth.txt",
}


def read(name: str) -> list[dict[str, str]]:
    """The rows of a suite."""
    with (SUITES / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def positive(classifier, texts: list[str]) -> np.ndarray:
    """The probability that each text is positive."""
    from seqapps.tasks.sentiment.evaluation import predictions

    names, p = predictions.predict_probabilities(classifier, texts)
    return p[:, list(names).index("pos")]


def word_list(texts: list[str]) -> np.ndarray | None:
    """VADER's compound score as a probability; 0 is a coin's throw."""
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError:
        return None
    analyzer = SentimentIntensityAnalyzer()
    scores = [analyzer.polarity_scores(text)["compound"] for text in texts]
    return 0.5 + np.array(scores) / 2


def accuracy(p: np.ndarray, right: np.ndarray) -> float:
    """The share of right labels; p = 1/2 counts a half."""
    return float(np.mean(np.where(p == 0.5, 0.5, (p > 0.5) == right)))


def calibration_error(p: np.ndarray, right: np.ndarray) -> float:
    """The expected calibration error; see seqapps's `calibration`."""
    from seqapps.tasks.sentiment.evaluation import calibration

    confidence = np.maximum(p, 1 - p)
    return calibration.expected_calibration_error(
        confidence, (p > 0.5) == right
    )


def row(
    name: str, right: np.ndarray, p: np.ndarray, listed: np.ndarray | None
) -> None:
    """A line of the table."""
    base = "" if listed is None else f"{100 * accuracy(listed, right):.1f}"
    print(
        f"| {name} | {len(right):,} | {100 * accuracy(p, right):.1f} "
        f"| {base} | {calibration_error(p, right):.3f} |",
        flush=True,
    )


def suite(classifier, name: str) -> None:
    """A suite of negations, by domain and by construction."""
    rows = read(name)
    texts = [r["text"] for r in rows]
    right = np.array([r["label"] == "pos" for r in rows])
    p, listed = positive(classifier, texts), word_list(texts)
    for key in ("all", "domain", "label", "construction"):
        groups = defaultdict(list)
        for i, r in enumerate(rows):
            groups[r.get(key, f"suite {name}")].append(i)
        for group, own in sorted(groups.items()):
            base = None if listed is None else listed[own]
            row(group, right[own], p[own], base)


def pairs(classifier) -> None:
    """How many pairs are right."""
    both, order = pairs_right(classifier)
    print(f"pairs, both right: {both.sum()} of {len(both)}")
    print(f"of these, the same words: {both[order].sum()} of {order.sum()}")


def suite_accuracy(classifier) -> float:
    """The share of the suite of negations that a classifier gets right."""
    rows = read("negation")
    right = np.array([r["label"] == "pos" for r in rows])
    return accuracy(positive(classifier, [r["text"] for r in rows]), right)


def pairs_right(classifier) -> tuple[np.ndarray, np.ndarray]:
    """Of which pairs both are right, and which have the same words."""
    pairs = read("pairs")
    both = np.stack(
        [
            positive(classifier, [r["positive"] for r in pairs]) > 0.5,
            positive(classifier, [r["negative"] for r in pairs]) <= 0.5,
        ]
    ).all(0)
    return both, np.array([r["construction"] == "order" for r in pairs])


def explanations(classifier) -> None:
    """Whether what two words say together follows the negation."""
    rows = read("explanations")
    right = 0
    for r in rows:
        result = classifier.explain([r["text"]])
        tokens = [t.lower() for t in result["tokens"][0] if t]
        sign = 1 if result["label"][0] == "pos" else -1
        shares = np.asarray(result["contributions"])[0, : len(tokens)]
        words = r["pair"].lower().split()
        inside = [i for i, token in enumerate(tokens) if token in words]
        together = sign * sum(shares[i] for i in inside)
        right += (together > 0) == (r["sign"] == "+")
    print(f"explanations that follow the negation: {right} of {len(rows)}")


def page(before, after, count: int, seed: int) -> None:
    """Texts of each domain, chosen by seed, and what two models say."""
    groups = defaultdict(list)
    for r in read("unseen"):
        groups[r["domain"]].append(r)
    for name, rows in sorted(groups.items()):
        rows = random.Random(seed).sample(rows, count)
        texts = [r["text"] for r in rows]
        old, new = positive(before, texts), positive(after, texts)
        right = np.array([r["label"] == "pos" for r in rows])
        wrong = [int(((p > 0.5) != right).sum()) for p in (old, new)]
        print(f"\n## {name}\n")
        print(f"{wrong[0]} of {count} were wrong before, {wrong[1]} are now.\n")
        print("| text | right | before | now |\n|---|---|---|---|")
        for r, *said in zip(rows, old, new, strict=True):
            cells = [_verdict(p, r["label"]) for p in said]
            print(f"| {r['text']} | {r['label']} | {' | '.join(cells)} |")


def _verdict(p: float, right: str) -> str:
    label = "pos" if p > 0.5 else "neg"
    text = f"{label} {max(p, 1 - p):.2f}"
    return text if label == right else f"**{text}**"


def _load(path: Path):
    """A saved model, or the classifier of a run."""
    from seqapps.tasks import sentiment
    from seqapps.training import load_predictor

    return load_predictor(
        path, "sentiment", sentiment.build_model, sentiment.Classifier
    )


def main(arguments: argparse.Namespace) -> None:
    """Prints the table."""
    from seqapps.export.shipped import shipped_model

    classifier = _load(arguments.model or shipped_model("sentiment"))
    if arguments.beside:
        page(_load(arguments.beside), classifier, arguments.texts, 0)
        return
    print("| texts | number | right, % | word list, % | calibration error |")
    print("|---|---|---|---|---|")
    for name in arguments.suites:
        suite(classifier, name)
    pairs(classifier)
    if arguments.sst:
        lines = (arguments.sst / "stsa.binary.test").read_text("utf-8")
        labels, texts = zip(
            *(line.split(" ", 1) for line in lines.splitlines()), strict=True
        )
        p = positive(classifier, texts)
        row("SST-2 test", np.array(labels) == "1", p, word_list(texts))
    if arguments.rated:
        for name, file in _RATED.items():
            path = arguments.rated / file
            table = [
                line.split("\t", 2)
                for line in path.read_text("utf-8", "replace").splitlines()
            ]
            table = [r for r in table if len(r) == 3 and float(r[1])]
            right = np.array([float(r[1]) > 0 for r in table])
            texts = [r[2] for r in table]
            row(name, right, positive(classifier, texts), word_list(texts))
    explanations(classifier)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, help="default: what ships")
    parser.add_argument(
        "--beside", type=Path, help="print texts and what both say"
    )
    parser.add_argument("--texts", type=int, default=40, help="a domain")
    parser.add_argument(
        "--suites",
        nargs="+",
        default=["negation", "earlier", "unseen", "opinions"],
    )
    parser.add_argument("--sst", type=Path)
    parser.add_argument("--rated", type=Path)
    main(parser.parse_args())

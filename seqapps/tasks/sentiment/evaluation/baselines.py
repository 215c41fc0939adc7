"""Linear baselines on word counts, fitted in minutes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

_TOKENS = r"\w+(?:'\w+)?|[^\w\s]"

COSTS = (0.3, 0.1, 0.03, 0.01)


def best_nb_svm(
    train: tuple[Sequence[str], Sequence[str]],
    validation: tuple[Sequence[str], Sequence[str]],
    test_texts: Sequence[str],
) -> list[str]:
    """Labels texts by the NB-SVM whose cost does best on validation texts.

    Args:
        train: texts and their labels.
        validation: likewise, to choose the cost by.
        test_texts: the texts to label.
    """
    texts, labels = validation
    train_counts, counts = _ngrams(train[0], [*texts, *test_texts], 2)
    candidates = [
        _nb_svm(train_counts, train[1], counts, cost=cost) for cost in COSTS
    ]

    def correct(predicted: list[str]) -> int:
        pairs = zip(predicted[: len(texts)], labels, strict=True)
        return sum(a == b for a, b in pairs)

    return max(candidates, key=correct)[len(texts) :]


def nb_svm(
    texts: Sequence[str],
    labels: Sequence[str],
    test_texts: Sequence[str],
    order: int = 2,
    **kwargs: float,
) -> list[str]:
    """Labels texts by NB-SVM, a linear SVM over naive Bayes features.

        r = log((a + p) / |a + p|) - log((a + q) / |a + q|)
        w' = (1 - b) |w| + b w,  z = w' . (r f) + bias

    f: the n-grams of a text; p and q: how many texts of the class and of the
    other classes have them; w: the weights of the SVM on r f. With more than
    two classes there is one SVM per class. (Wang and Manning 2012.)

    Args:
        texts: training texts.
        labels: their labels.
        test_texts: the texts to label.
        order: the longest n-gram.
        **kwargs: `smooth`, a; `share`, b, of the SVM in the interpolation;
            `cost`, the C of the SVM.
    """
    train_counts, counts = _ngrams(texts, test_texts, order)
    return _nb_svm(train_counts, labels, counts, **kwargs)


def _nb_svm(
    train_counts: Any,
    labels: Sequence[str],
    counts: Any,
    smooth: float = 1.0,
    share: float = 0.5,
    cost: float = 0.1,
) -> list[str]:
    """`nb_svm` on n-gram counts, which several costs can share."""
    from sklearn.svm import LinearSVC

    names, classes = np.unique(np.array(labels), return_inverse=True)
    scores = []
    for k in range(len(names)):
        own = classes == k
        p = smooth + np.asarray(train_counts[own].sum(0)).ravel()
        q = smooth + np.asarray(train_counts[~own].sum(0)).ravel()
        ratio = np.log(p / p.sum()) - np.log(q / q.sum())
        svm = LinearSVC(C=cost, max_iter=5000)
        svm.fit(train_counts.multiply(ratio).tocsr(), own)
        weights = svm.coef_[0]
        mixed = (1 - share) * np.abs(weights).mean() + share * weights
        scores.append(
            counts.multiply(ratio).tocsr() @ mixed + svm.intercept_[0]
        )
        if len(names) == 2:  # the second class has the same SVM, mirrored
            scores.append(-scores[0])
            break
    return names[np.argmax(scores, axis=0)].tolist()


def bag_of_words(
    texts: Sequence[str], labels: Sequence[str], test_texts: Sequence[str]
) -> list[str]:
    """Labels texts by logistic regression on the words that they contain."""
    from sklearn.linear_model import LogisticRegression

    train_counts, counts = _ngrams(texts, test_texts, 1)
    regression = LogisticRegression(C=0.1, max_iter=1000)
    return regression.fit(train_counts, labels).predict(counts).tolist()


def _ngrams(
    texts: Sequence[str], test_texts: Sequence[str], order: int
) -> tuple[Any, Any]:
    """The n-grams that texts contain, `(texts, n-grams)`, binary, sparse."""
    from sklearn.feature_extraction.text import CountVectorizer

    vectorizer = CountVectorizer(
        token_pattern=_TOKENS,
        ngram_range=(1, order),
        binary=True,
        dtype=np.float32,
    )
    return vectorizer.fit_transform(texts), vectorizer.transform(test_texts)

"""Linear classifiers of counts, fitted in minutes: what has to be beaten."""

from collections.abc import Sequence

import numpy as np

_TOKENS = r"\w+(?:'\w+)?|[^\w\s]"


COSTS = (0.3, 0.1, 0.03, 0.01)


def best_nb_svm(train: tuple, held: tuple, asked: Sequence[str]) -> list[str]:
    """Labels by the NB-SVM whose cost does best on held-out texts.

    Args:
        train: texts and their classes.
        held: likewise, to choose by.
        asked: texts to be labelled.
    """
    texts, labels = held
    seen, unseen = _counts(train[0], [*texts, *asked], 2)
    said = [_nb_svm(seen, train[1], unseen, cost=cost) for cost in COSTS]

    def right(guessed: list[str]) -> int:
        pairs = zip(guessed[: len(texts)], labels, strict=True)
        return sum(a == b for a, b in pairs)

    return max(said, key=right)[len(texts) :]


def nb_svm(
    texts: Sequence[str],
    labels: Sequence[str],
    asked: Sequence[str],
    order: int = 2,
    **kwargs: float,
) -> list[str]:
    """Labels by NB-SVM: a linear machine over naive Bayes's own features.

        r = log((a + p) / |a + p|) - log((a + q) / |a + q|)
        w' = (1 - b) |w| + b w,  z = w' . (r f) + bias

    with f which n-grams a text has, p and q how many texts of the class and of
    the others have them, and w the machine's weights on r f. Of more than two
    classes there is a machine each. (Wang and Manning 2012.)

    Args:
        texts: of training.
        labels: their classes.
        asked: texts to be labelled.
        order: longest n-gram.
        **kwargs: `smooth`, which is a; `share`, which is b, of the machine in
            the mixture; `cost` of a mistake, to the machine.
    """
    seen, unseen = _counts(texts, asked, order)
    return _nb_svm(seen, labels, unseen, **kwargs)


def _nb_svm(
    seen,
    labels,
    unseen,
    smooth: float = 1.0,
    share: float = 0.5,
    cost: float = 0.1,
) -> list[str]:
    """The same of counts, so that several costs can share them."""
    from sklearn.svm import LinearSVC

    names, classes = np.unique(np.array(labels), return_inverse=True)
    scores = []
    for k in range(len(names)):
        own = classes == k
        p = smooth + np.asarray(seen[own].sum(0)).ravel()
        q = smooth + np.asarray(seen[~own].sum(0)).ravel()
        ratio = np.log(p / p.sum()) - np.log(q / q.sum())
        machine = LinearSVC(C=cost, max_iter=5000)
        machine.fit(seen.multiply(ratio).tocsr(), own)
        weights = machine.coef_[0]
        mixed = (1 - share) * np.abs(weights).mean() + share * weights
        scores.append(
            unseen.multiply(ratio).tocsr() @ mixed + machine.intercept_[0]
        )
        if len(names) == 2:  # the second class has the same machine, mirrored
            scores.append(-scores[0])
            break
    return names[np.argmax(scores, axis=0)].tolist()


def bag(
    texts: Sequence[str], labels: Sequence[str], asked: Sequence[str]
) -> list[str]:
    """Labels by logistic regression on which words a text has."""
    from sklearn.linear_model import LogisticRegression

    seen, unseen = _counts(texts, asked, 1)
    machine = LogisticRegression(C=0.1, max_iter=1000)
    return machine.fit(seen, labels).predict(unseen).tolist()


def _counts(texts, asked, order: int):
    """Which n-grams texts have, `(texts, n-grams)`, sparse."""
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(
        token_pattern=_TOKENS,
        ngram_range=(1, order),
        binary=True,
        dtype=np.float32,
    )
    return counter.fit_transform(texts), counter.transform(asked)

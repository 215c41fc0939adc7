"""A translator that says words in reverse order, for what needs no network."""

import math

from seqapps.tasks.translation.options import TranslateOptions


class Mirror:
    """Has the methods of a `Translator`.

    Its n-th best translation lacks the first n words, so that there are as
    many as there are words; a word has the log-probability -0.25.
    """

    def __init__(self, blind=False, shift=0.0):
        self.blind, self.shift, self.calls = blind, shift, []

    def translate(
        self,
        texts,
        beam=TranslateOptions.beam,
        nbest=1,
        length_penalty=1.0,
        coverage_penalty=0.0,
        no_repeat=0,
        minimum=0,
    ):
        assert nbest <= beam and all(texts)
        self.calls.append(list(texts))
        said, scores, sources, targets, seen = [], [], [], [], []
        for text in texts:
            words = text.split()
            some = [words[n:][::-1] for n in range(nbest)]
            said.append([" ".join(each) for each in some])
            scores.append(
                [
                    self.shift - 0.25 * (n + 1) if each else -math.inf
                    for n, each in enumerate(some)
                ]
            )
            sources.append(marked(words))
            targets.append([marked(each) for each in some])
        wide = max(map(len, sources)) + 2  # a model pads, too
        for source, some in zip(sources, targets, strict=True):
            seen.append([self._seen(source, each, wide) for each in some])
        return {
            "texts": said,
            "scores": scores,
            "source_tokens": [padded(row, wide) for row in sources],
            "target_tokens": [[padded(r, wide) for r in s] for s in targets],
            "attention": seen,
        }

    def _seen(self, source, target, wide):
        rows = [[0.0] * wide for _ in range(wide)]
        for row, token in zip(rows, target, strict=False):
            row[source.index(token)] = 0.0 if self.blind else 1.0
        return rows

    def score(self, texts, translations, **_):
        tokens = [len(text.split()) + 1 for text in translations]
        return {
            "scores": [-0.25] * len(tokens),
            "log_probability": [-0.25 * n for n in tokens],
            "tokens": tokens,
        }


def marked(words):
    return [f"▁{word}" for word in words] + ["<end>"]


def padded(row, length):
    return row + [""] * (length - len(row))

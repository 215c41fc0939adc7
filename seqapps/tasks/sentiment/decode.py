"""The classifier: texts in; labels, probabilities and attributions out."""

from collections.abc import Sequence
from typing import Any

from seqapps.tasks.sentiment.options import ClassifyOptions


class Classifier:
    """Classifies texts with a trained network.

    Args:
        model: of `build_model`, trained.
        codec: of the data that it was trained on.

    Example:
        ```python
        classifier = sentiment.Classifier(model, data.codec)
        classifier.classify(["a fine film"])["label"]  # ["pos"]
        ```
    """

    def __init__(self, model: Any, codec: Any):
        from seqapps.tasks.sentiment import endpoints

        self.model, self.codec = model, codec
        self.functions = endpoints.functions(model, codec)

    def classify(
        self, texts: Sequence[str], neutral: float = ClassifyOptions.neutral
    ) -> dict[str, Any]:
        """Predicts the label of each text.

        Args:
            texts: any strings, also empty ones.
            neutral: see `ClassifyOptions`.

        Returns:
            "label" for each text, and the "probability" of its likeliest
            class; "probabilities" of all classes; "labels", the names of the
            classes in that order; "unsure", why the text cannot be judged:
            "not English", "no words", or "". For ordered classes also
            "expected", sum_k k p_k: 1 is the lowest.

        Raises:
            InputError: `neutral` is not 0 to 0.5, or is more than 0 for other
                classes than two, or for one that is called "neutral".
        """
        from seqapps import export

        return export.call(self.functions["classify"], texts, neutral)

    def explain(self, texts: Sequence[str]) -> dict[str, Any]:
        """Attributes each predicted label to words and to pairs of words.

        Args:
            texts: few, because each is evaluated at many points.

        Returns:
            The results of `classify`, but for "unsure"; "tokens", as the codec
            reads them, and their "contributions", padded with "" and 0 to one
            length; and "change", the log-odds of the label less those of a
            text of as many blank words, which is the sum of each row of
            contributions. "interactions" says how much more a token and the
            next one say together than each alone, and "interactions_2" a token
            and the next but one.
        """
        from seqapps import export

        return export.call(self.functions["explain"], texts)


class LengthClassifier(Classifier):
    """Two classifiers in one: texts of few words have one of their own.

    Args:
        sentences: a `Classifier` of texts of at most `words` words.
        reviews: one of longer texts.
        words: the most of a short text, punctuation marks included.

    Raises:
        InputError: the two have other classes, or clean texts otherwise.
    """

    def __init__(
        self, sentences: Classifier, reviews: Classifier, words: int = 48
    ):
        import keras
        import tensorflow as tf

        from seqapps.errors import InputError
        from seqapps.tasks.sentiment import endpoints
        from seqapps.tasks.sentiment.reader import LengthReader, Reader

        both = sentences, reviews
        for name in ("labels", "clean", "cased"):
            one, other = (getattr(part.codec, name) for part in both)
            if one != other:
                raise InputError(
                    f"the two classifiers have other {name}: {one}, {other}"
                )
        self.model = keras.Model()  # holds the variables of both
        self.model.networks = [part.model for part in both]
        self.codec = tf.Module()
        self.codec.codecs = [part.codec for part in both]
        readers = [Reader(part.model, part.codec) for part in both]
        self.functions = endpoints.functions(
            self.model, sentences.codec, LengthReader(*readers, words)
        )

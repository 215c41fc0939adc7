"""The classifier: texts in; classes, probabilities and reasons out."""

from collections.abc import Sequence


class Classifier:
    """Classifies texts with a trained network.

    Args:
        model: what `build_model` made, trained.
        codec: of the data that it was trained on.

    Example:
        ```python
        classifier = sentiment.Classifier(model, data.codec)
        classifier.classify(["a fine film"])["label"]  # ["pos"]
        ```
    """

    def __init__(self, model, codec):
        from seqapps.tasks.sentiment import endpoints

        self.model, self.codec = model, codec
        self.functions = endpoints.functions(model, codec)

    def classify(self, texts: Sequence[str]) -> dict:
        """Says what class each text is of.

        Args:
            texts: any strings; an empty one has an answer too.

        Returns:
            "label" and its "probability", a text each; "probabilities" of all
            classes; "labels", the names of the classes in that order.
        """
        from seqapps import export

        return export.call(self.functions["classify"], texts)

    def explain(self, texts: Sequence[str]) -> dict:
        """Says which words made the label, by integrated gradients.

        Args:
            texts: few, for each is read many times.

        Returns:
            What `classify` does; "tokens" and their "contributions", rows of
            one length ("" and 0 where a text is shorter); and "change", the
            log-odds of the label less those of a text of as many blank words,
            which the contributions of each row sum to.
        """
        from seqapps import export

        return export.call(self.functions["explain"], texts)

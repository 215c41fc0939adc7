"""The translator: texts in; texts, scores and attention out."""

from collections.abc import Iterable, Sequence

from seqapps.tasks.translation.codec.normalization import compose
from seqapps.tasks.translation.options import TranslateOptions


def _cleaned(texts):
    """Texts cleaned; what is no text is left for `export.call` to refuse."""
    if isinstance(texts, str | bytes) or not isinstance(texts, Iterable):
        return texts
    return [compose(text) if isinstance(text, str) else text for text in texts]


class Translator:
    """Translates texts with a trained network.

    Args:
        model: what `build_model` made, trained.
        codec: of the data that it was trained on.

    Example:
        ```python
        translator = translation.Translator(model, data.codec)
        translator.translate(["hace frío"])["texts"]  # [["It's cold."]]
        ```
    """

    def __init__(self, model, codec):
        from seqapps.tasks.translation import endpoints

        self.model, self.codec = model, codec
        self.functions = endpoints.functions(model, codec)

    def translate(
        self,
        texts: Sequence[str],
        beam: int = TranslateOptions.beam,
        nbest: int = TranslateOptions.nbest,
        length_penalty: float = TranslateOptions.length_penalty,
        coverage_penalty: float = TranslateOptions.coverage_penalty,
        no_repeat: int = TranslateOptions.no_repeat,
        minimum: int = TranslateOptions.minimum,
    ) -> dict:
        """Translates each text, by beam search.

        Args:
            texts: any strings; an empty one has an empty translation.
            beam: hypotheses that are followed at once; 1 is greedy.
            nbest: translations that are given, at most as many.
            length_penalty: see `decoding.score_hypotheses`; 0 favours short
                ones.
            coverage_penalty: see there; above 0 favours those that look at
                every place of the source.
            no_repeat: no so many sub-words in a row are said twice; 0 allows
                it.
            minimum: sub-words that a translation has at least.

        Returns:
            "texts" and "scores", best first, of each text `nbest`: "" and
            -inf where fewer different ones were found; "attention", of each
            translation a row for each "target_tokens" and in it a weight for
            each of "source_tokens", padded with 0 and "".

        Raises:
            InputError: a number makes no sense.
        """
        from seqapps import export

        return export.call(
            self.functions["translate"],
            _cleaned(texts),
            beam,
            nbest,
            length_penalty,
            coverage_penalty,
            no_repeat,
            minimum,
        )

    def score(
        self,
        texts: Sequence[str],
        translations: Sequence[str],
        length_penalty: float = TranslateOptions.length_penalty,
        coverage_penalty: float = TranslateOptions.coverage_penalty,
    ) -> dict:
        """Scores given translations (forced decoding).

        Returns:
            "scores", as `translate` gives them; "log_probability", the sum
            over the sub-words and the end, in nats; "tokens", how many.

        Raises:
            InputError: there are not as many translations as texts.
        """
        from seqapps import export

        return export.call(
            self.functions["score"],
            _cleaned(texts),
            _cleaned(translations),
            length_penalty,
            coverage_penalty,
        )

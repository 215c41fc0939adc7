"""The translator: texts in; translations, scores and attention out."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from seqapps.tasks.translation.codec.normalization import compose
from seqapps.tasks.translation.options import TranslateOptions
from seqapps.text import strings


def _composed(texts: Any, by: Callable[[str], str] = compose) -> Any:
    """Composes texts to NFC; `export.call` refuses other values."""
    if isinstance(texts, str | bytes) or not isinstance(texts, Iterable):
        return texts
    return [by(text) if isinstance(text, str) else text for text in texts]


class Translator:
    """Translates texts with a trained network.

    Args:
        model: of `build_model`, trained.
        codec: of the data that it was trained on.

    Example:
        ```python
        translator = translation.Translator(model, data.codec)
        translator.translate(["Hace frío."])["texts"]  # [["It's cold."]]
        ```
    """

    def __init__(self, model: Any, codec: Any):
        from seqapps.tasks.translation import endpoints

        self.model, self.codec = model, codec
        self.functions = endpoints.functions(model, codec)
        # with sentences the graph composes what it does not keep as it is
        self._valid = strings.to_valid_utf8 if codec.sentences else compose

    def translate(
        self,
        texts: Sequence[str],
        beam: int = TranslateOptions.beam,
        nbest: int = TranslateOptions.nbest,
        length_penalty: float = TranslateOptions.length_penalty,
        coverage_penalty: float = TranslateOptions.coverage_penalty,
        no_repeat: int = TranslateOptions.no_repeat,
        minimum: int = TranslateOptions.minimum,
        glossary: Sequence[Sequence[str]] = (),
    ) -> dict[str, Any]:
        """Translates each text by beam search.

        With a codec of `sentences` a text is split, and its sentences are
        translated one by one. Its score is that of all of them together; it
        has one translation, unless it is one sentence; attention is block by
        block, and that of the first 320 sub-words.

        Args:
            texts: any strings; the translation of an empty one is empty.
            beam: hypotheses per text; 1 for greedy search.
            nbest: translations per text, at most `beam`.
            length_penalty: see `decoding.score_hypotheses`; 0 favours short
                ones.
            coverage_penalty: see there; above 0 favours those that attend to
                every position of the source.
            no_repeat: forbid repeated n-grams of this size; 0 disables.
            minimum: least number of sub-words of a translation.
            glossary: pairs of a term and its translation, which is written as
                it is; a term that is its own translation is kept. Only with a
                codec of `sentences`.

        Returns:
            "texts" and "scores", `nbest` of each text, best first, padded with
            "" and -inf if there are fewer distinct ones; "attention", the
            weights `(texts, nbest, T, S)` of "source_tokens" `(texts, S)` for
            each of "target_tokens" `(texts, nbest, T)`, padded with 0 and "".

        Raises:
            InputError: a number is out of its range, or there is a glossary
                and the codec is not of `sentences`.
        """
        from seqapps import export

        return export.call(
            self.functions["translate"],
            _composed(texts, self._valid),
            beam,
            nbest,
            length_penalty,
            coverage_penalty,
            no_repeat,
            minimum,
            **({"glossary": glossary} if glossary else {}),
        )

    def score(
        self,
        texts: Sequence[str],
        translations: Sequence[str],
        length_penalty: float = TranslateOptions.length_penalty,
        coverage_penalty: float = TranslateOptions.coverage_penalty,
    ) -> dict[str, Any]:
        """Scores translations by forced decoding.

        Args:
            texts: the sources.
            translations: one of each.
            length_penalty: see `translate`.
            coverage_penalty: see `translate`.

        Returns:
            "scores" as in `translate`; "log_probability", the sum over the
            sub-words and END in nats; "tokens", their number.

        Raises:
            InputError: there are not as many translations as texts.
        """
        from seqapps import export

        return export.call(
            self.functions["score"],
            _composed(texts, self._valid),
            _composed(translations, self._valid),
            length_penalty,
            coverage_penalty,
        )

"""Texts of two languages to sub-word ids, inside the TensorFlow graph."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from seqapps import text
from seqapps.tasks.translation.codec.casing import Casing
from seqapps.tasks.translation.codec.normalization import MAX_CHARACTERS
from seqapps.tasks.translation.codec.quality import Quality
from seqapps.tasks.translation.codec.subwords import SubwordTokenizer

_UNKNOWN_MASK = r" ?[\x{E000}-\x{F8FF}]"


@keras.saving.register_keras_serializable(package="seqapps")
class PairCodec(tf.Module):
    """The sub-word tokenizers of the source and the target language.

    Args:
        source: `{"pieces": [...], "scores": [...]}`, see `SubwordTokenizer`.
        target: likewise.
        longest: sub-words of a source that are read, END not counted.
        sentences: whether a text is split into sentences, what is not to be
            translated is masked, and each is brought to the form that the
            translator knows; see `passages`.
        language: of the sources, for their abbreviations; see
            `sentences.split`.
        most_words: words of a sentence that is translated in one piece.
        target_language: of the targets, whose numbers are written otherwise.
        words: of the sources, as they are mostly written; see `Casing`.
        quality: the settings of `Quality`; None for no estimate.
        names: pairs of a name and its translation, which is always written;
            see `protection.protect`. Only with masks.
        kept_names: that stay as they are; see `Casing`. Only with words.
    """

    def __init__(
        self,
        source: dict[str, Any],
        target: dict[str, Any],
        longest: int = 150,
        sentences: bool = False,
        language: str = "",
        most_words: int = 40,
        target_language: str = "",
        words: Sequence[str] = (),
        quality: dict[str, Any] | None = None,
        names: Sequence[Sequence[str]] = (),
        kept_names: Sequence[str] = (),
    ):
        super().__init__()
        self.source = SubwordTokenizer(**source)
        joint = source == target
        self.target = self.source if joint else SubwordTokenizer(**target)
        self.longest = longest
        self.sentences, self.language = sentences, language
        self.most_words = most_words
        self.target_language = target_language
        self.set_words(words, kept_names)
        self.quality = Quality(**quality) if quality else None
        self.set_names(names)

    @property
    def has_masks(self) -> bool:
        """Whether masks are sub-words, which a translator can have learned."""
        return self.source.masks > 0

    def set_words(
        self, words: Sequence[str], kept_names: Sequence[str] = ()
    ) -> None:
        """Lets the codec know how words are written, and what names stay."""
        self.casing = Casing(words, kept_names) if words else None

    def set_names(self, names: Iterable[Sequence[str]]) -> None:
        """Lets the codec know how names are translated, if it has masks."""
        known = names if self.has_masks else ()
        self.names = tuple((name, translation) for name, translation in known)

    def get_config(self) -> dict[str, Any]:
        config = {
            "source": self.source.get_config(),
            "target": self.target.get_config(),
            "longest": self.longest,
        }
        if self.sentences:  # left out of the codecs that had no such setting
            config |= {
                "sentences": True,
                "language": self.language,
                "most_words": self.most_words,
            }
        if self.target_language:
            config["target_language"] = self.target_language
        if self.casing:
            config["words"] = list(self.casing.words)
            if self.casing.names:
                config["kept_names"] = list(self.casing.names)
        if self.quality:
            config["quality"] = self.quality.get_config()
        if self.names:
            config["names"] = [list(pair) for pair in self.names]
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "PairCodec":
        return cls(**config)

    def inputs(self, texts: tf.Tensor) -> tf.Tensor:
        """Ids of source texts with END, `(batch, time)`."""
        texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", "replace")
        texts = tf.strings.substr(texts, 0, MAX_CHARACTERS, unit="UTF8_CHAR")
        if self.sentences and not self.has_masks:
            texts = tf.strings.regex_replace(texts, _UNKNOWN_MASK, "")
        ids = self.source.encode(texts)[:, : self.longest]
        return append_end(ids).to_tensor(text.PAD)

    def targets(self, texts: tf.Tensor) -> tf.Tensor:
        """Ids of target texts with END, `(batch, time)`."""
        return append_end(self.target.encode(texts)).to_tensor(text.PAD)


def encode_examples(
    codec: PairCodec, examples: Mapping[str, Sequence[Sequence[str]]]
) -> dict[str, list[tf.RaggedTensor]]:
    """Ids of sources and targets by split, without END.

    Args:
        codec: of the texts.
        examples: sources and targets by split.
    """
    encoded: dict[str, list[tf.RaggedTensor]] = {name: [] for name in examples}
    for side, tokenizer in enumerate((codec.source, codec.target)):
        index: dict[str, int] = {}  # a text may occur many times
        rows = {
            name: [index.setdefault(t, len(index)) for t in sides[side]]
            for name, sides in examples.items()
        }
        ids = tokenizer.encode_many(list(index))
        for name in examples:
            encoded[name].append(tf.gather(ids, rows[name]))
    return encoded


def append_end(ids: tf.RaggedTensor) -> tf.RaggedTensor:
    """Appends END to each row."""
    ends = tf.fill([ids.nrows(), 1], text.END)
    return tf.concat([ids, ends], 1)


def shift_right(targets: tf.Tensor) -> tf.Tensor:
    """The decoder's inputs: END as the start token, then `targets[:, :-1]`."""
    return tf.pad(targets[:, :-1], [[0, 0], [1, 0]], constant_values=text.END)


def training_batch(
    source: tf.RaggedTensor, target: tf.RaggedTensor
) -> tuple[tuple[tf.Tensor, tf.Tensor], tf.Tensor, tf.Tensor]:
    """A batch `x, y, sample_weight` for `Model.fit`, from ids without END."""
    y = append_end(target).to_tensor(text.PAD)  # (batch, T)
    x = append_end(source).to_tensor(text.PAD), shift_right(y)
    return x, y, tf.cast(y != text.PAD, tf.float32)

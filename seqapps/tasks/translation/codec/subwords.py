"""Sub-words: trained by SentencePiece, encoded and decoded in the graph."""

import io
import re
import sys
from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from seqapps import text
from seqapps.errors import InputError

WORD_START, FIRST_MASK = "▁", "\ue000"  # U+2581; see `protection`
_BATCH_SIZE = 512  # texts that are encoded together
_UNKNOWN_PENALTY = 10.0  # an unknown letter's score below the worst sub-word's
_NEVER = -1e9


class SubwordTokenizer(tf.Module):
    """A unigram sub-word tokenizer.

    A word is segmented so that the sum of the log-probabilities of its
    sub-words is highest, by the Viterbi algorithm over its letters i:

        best_i = max_k best_{i-k} + log p(letters i-k+1 ... i)

    In training a segmentation may be sampled instead, with a probability
    proportional to p(segmentation)^a ("subword regularization").

    Args:
        pieces: the sub-words, with ids 3, 4, ...; "▁" begins a word.
        scores: the log-probability of each.

    Source:
        Kudo 2018, "Subword regularization", section 3.2.
    """

    def __init__(self, pieces: Sequence[str], scores: Sequence[float]):
        super().__init__()
        self.pieces, self.scores = list(pieces), list(scores)
        self.names = ("<pad>", "<end>", "<unknown>", *self.pieces)
        self._names = tf.constant(self.names)
        ids = range(text.UNKNOWN + 1, len(self.names))
        self._table = text.lookup_table(self.pieces, ids, -1)
        worst = min(self.scores, default=0.0) - _UNKNOWN_PENALTY
        self._scores = tf.constant([worst] * 3 + self.scores, tf.float32)
        self.longest = max(map(len, self.pieces), default=1)
        segment = tf.function(
            self._segment, [tf.TensorSpec([None], tf.string)], autograph=False
        )  # one function in the graph, however often it is called
        # as a lambda, it is not saved as a method of the module
        self._best = lambda words: segment(words)

    def __len__(self) -> int:
        return len(self.names)

    def get_config(self) -> dict[str, Any]:
        return {"pieces": self.pieces, "scores": self.scores}

    def encode(
        self,
        texts: tf.Tensor,
        sampling: float = 0.0,
        seed: tf.Tensor | None = None,
    ) -> tf.RaggedTensor:
        """Ids of sub-words, ragged `(batch, None)`, without END.

        Args:
            texts: `(batch,)` strings; invalid UTF-8 is replaced.
            sampling: a above; needs a seed.
            seed: `(2,)` integers; None for the best segmentation.
        """
        words = tf.strings.split(clean(texts, FIRST_MASK in self.names))
        flat = tf.strings.join([WORD_START, words.flat_values])
        if seed is not None:  # sampled anew for each occurrence of a word
            ids = self._segment(flat, sampling, seed)
        else:
            flat, index = tf.unique(flat)
            ids = tf.gather(self._best(flat), index)
        return words.with_values(ids).merge_dims(1, 2)

    def encode_many(self, texts: Sequence[str]) -> tf.RaggedTensor:
        """`encode` for many texts, a few hundred at a time."""
        parts = [
            self.encode(tf.constant(texts[i : i + _BATCH_SIZE]))
            for i in range(0, len(texts), _BATCH_SIZE)
        ]
        return tf.concat(parts, 0)

    def decode(self, ids: tf.Tensor) -> tf.Tensor:
        """Texts of ids `(..., time)`, without PAD and END."""
        pieces = tf.where(ids > text.END, tf.gather(self._names, ids), "")
        joined = tf.strings.reduce_join(pieces, axis=-1)  # (...)
        return tf.strings.strip(
            tf.strings.regex_replace(joined, f"{WORD_START}+", " ")
        )

    def strings(self, ids: tf.Tensor) -> tf.Tensor:
        """The sub-word of each id, of any shape; "" for PAD."""
        return tf.where(ids == text.PAD, "", tf.gather(self._names, ids))

    def _segment(
        self,
        words: tf.Tensor,
        sampling: float = 0.0,
        seed: tf.Tensor | None = None,
    ) -> tf.RaggedTensor:
        """Ids of the sub-words of words, ragged `(words, None)`."""
        letters = tf.strings.unicode_split(words, "UTF-8")  # (words, None)
        lengths = tf.cast(letters.row_lengths(), tf.int32)
        candidates = self._candidates(letters)  # (words, length, longest)
        scores = tf.gather(self._scores, tf.maximum(candidates, 0))
        if seed is None:
            scores = tf.where(candidates < 0, _NEVER, scores)
            noise = tf.zeros_like(scores)
        else:
            scores = tf.where(candidates < 0, _NEVER, scores * sampling)
            uniform = tf.random.stateless_uniform(
                tf.shape(scores), seed, 1e-9, 1
            )
            noise = -tf.math.log(-tf.math.log(uniform))  # Gumbel
        reduce = tf.reduce_max if seed is None else tf.reduce_logsumexp
        count = tf.shape(candidates)[1]
        best = tf.fill([tf.shape(words)[0], self.longest - 1], _NEVER)
        best = tf.pad(best, [[0, 0], [1, 0]])  # best_{i-1}, best_{i-2}, ...

        def forward(i: Any, best: Any, chosen: Any) -> tuple[Any, Any, Any]:
            totals = best + scores[:, i]  # (words, longest)
            k = tf.argmax(totals + noise[:, i], -1, tf.int32)
            best_i = reduce(totals, axis=-1)[:, tf.newaxis]
            best = tf.concat([best_i, best[:, :-1]], 1)
            return i + 1, best, chosen.write(i, k)

        chosen = _id_array(count, tf.shape(words)[0])
        *_, chosen = tf.while_loop(
            lambda i, *_: i < count, forward, (0, best, chosen)
        )
        return _backtrace(chosen.stack(), candidates, lengths)

    def _candidates(self, letters: tf.RaggedTensor) -> tf.Tensor:
        """Ids of the sub-words of k letters that end at each letter, or -1."""
        flat = letters.flat_values  # (all,)
        position = tf.ragged.range(letters.row_lengths()).flat_values
        ending, candidates = flat, []
        for k in range(1, self.longest + 1):
            ids = self._table.lookup(ending)
            if k == 1:
                ids = tf.where(ids < 0, text.UNKNOWN, ids)
            else:
                ids = tf.where(position >= k - 1, ids, -1)
            candidates.append(ids)
            previous = tf.concat([[""], ending], 0)[:-1]
            ending = tf.strings.join([previous, flat])
        candidates = letters.with_flat_values(tf.stack(candidates, -1))
        return candidates.to_tensor(-1, shape=[None, None, self.longest])


def _backtrace(
    chosen: tf.Tensor, candidates: tf.Tensor, lengths: tf.Tensor
) -> tf.RaggedTensor:
    """The chosen sub-words, followed from the ends of the words backwards.

    Args:
        chosen: `(length, words)`, k - 1 for the sub-word of k letters that
            the best segmentation up to each letter ends with.
        candidates: `(words, length, longest)`, ids of sub-words of k letters.
        lengths: `(words,)` letters.

    Returns:
        Ids, ragged `(words, None)`.
    """
    rows = tf.range(tf.size(lengths))
    longest = tf.reduce_max(tf.concat([[0], lengths], 0))
    ids = _id_array(longest, tf.size(lengths))

    def backward(i: Any, position: Any, ids: Any) -> tuple[Any, Any, Any]:
        end = tf.maximum(position, 0)
        k = tf.gather_nd(chosen, tf.stack([end, rows], -1))  # (words,)
        best = tf.gather_nd(candidates, tf.stack([rows, end, k], -1))
        best = tf.where(position >= 0, best, -1)
        return i + 1, position - k - 1, ids.write(i, best)

    count, _, ids = tf.while_loop(
        lambda i, position, _: tf.reduce_any(position >= 0),
        backward,
        (0, lengths - 1, ids),
    )
    ids = tf.transpose(ids.stack()[:count][::-1])  # (words, steps)
    valid = ids >= 0
    return tf.RaggedTensor.from_row_lengths(
        tf.boolean_mask(ids, valid),
        tf.reduce_sum(tf.cast(valid, tf.int64), axis=1),
    )


def _id_array(size: tf.Tensor, words: tf.Tensor) -> tf.TensorArray:
    """An array of rows of ids; one more, since an empty one cannot stack."""
    rows = tf.TensorArray(tf.int32, size + 1, element_shape=[None])
    return rows.write(size, tf.zeros([words], tf.int32))


def clean(texts: tf.Tensor, masks: bool = False) -> tf.Tensor:
    """Makes texts valid UTF-8, with single spaces, and masks, or without."""
    texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", "replace")
    spaces = r"[\pZ\p{Cc}\p{Cf}\s]+" if masks else r"[\pZ\pC\s]+"
    texts = tf.strings.regex_replace(texts, spaces, " ")
    return tf.strings.regex_replace(tf.strings.strip(texts), WORD_START, "_")


def train_tokenizer(
    texts: Sequence[str], size: int, side: str
) -> SubwordTokenizer:
    """Trains a unigram tokenizer by SentencePiece.

    Args:
        texts: training texts.
        size: number of sub-words, one for each letter included; fewer if the
            texts do not yield as many.
        side: "source" or "target", for messages.

    Raises:
        InputError: the texts have more letters than that.
    """
    import sentencepiece

    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts),
            model_writer=model,
            vocab_size=size + 1,  # and the unknown token
            model_type="unigram",
            character_coverage=1.0,
            normalization_rule_name="identity",
            bos_id=-1,
            eos_id=-1,
            unk_id=0,
            max_sentence_length=100_000,
            num_threads=1,  # sums in a fixed order
            minloglevel=5,
        )
    except (RuntimeError, OSError) as error:
        limit = re.search(r"value <= (\d+)", str(error))
        if limit and int(limit[1]) - 1 < size:
            print(
                f"the {side} gives {int(limit[1]) - 1} sub-words, not {size}",
                file=sys.stderr,
            )
            return train_tokenizer(texts, int(limit[1]) - 1, side)
        raise InputError(
            f"{size} sub-words of the {side} cannot be learned, each letter "
            "needs one: set --data.vocabulary or --data.target-vocabulary "
            f"higher ({' '.join(str(error).split())[:120]})"
        ) from None
    trained = sentencepiece.SentencePieceProcessor()
    trained.LoadFromSerializedProto(model.getvalue())
    pieces = [trained.id_to_piece(i) for i in range(1, len(trained))]
    scores = [round(trained.get_score(i), 5) for i in range(1, len(trained))]
    return SubwordTokenizer(pieces, scores)

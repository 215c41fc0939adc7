"""Sub-words: trained by SentencePiece, encoded and decoded in the graph."""

import re
from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from seqapps import text
from seqapps.tasks.translation.codec.backtrace import backtrace, id_array

WORD_START, FIRST_MASK = "▁", "\ue000"  # U+2581; see `protection`
_BATCH_SIZE = 512  # texts that are encoded together
_UNKNOWN_PENALTY = 10.0  # an unknown letter's score below the worst sub-word's
_NEVER = -1e9
_BYTE = re.compile("<0x([0-9A-F]{2})>")
BYTES = [f"<0x{byte:02X}>" for byte in range(0x80, 0x100)]


class SubwordTokenizer(tf.Module):
    """A unigram sub-word tokenizer.

    A word is segmented so that the sum of the log-probabilities of its
    sub-words is highest, by the Viterbi algorithm over its letters i:

        best_i = max_k best_{i-k} + log p(letters i-k+1 ... i)

    In training a segmentation may be sampled instead, with a probability
    proportional to p(segmentation)^a ("subword regularization").

    Args:
        pieces: the sub-words, with ids 3, 4, ...; "▁" begins a word. "<0x80>"
            to "<0xFF>" are bytes: a letter that is no sub-word is written by
            those of its UTF-8. Without them it is unknown.
        scores: the log-probability of each.

    Source:
        Kudo 2018, "Subword regularization", section 3.2.
    """

    def __init__(self, pieces: Sequence[str], scores: Sequence[float]):
        super().__init__()
        self.pieces, self.scores = list(pieces), list(scores)
        self.names = ("<pad>", "<end>", "<unknown>", *self.pieces)
        self._names = tf.constant(self.names)
        raw = [_raw(piece) for piece in self.pieces]
        self._raw = tf.constant([*self.names[: text.UNKNOWN + 1], *raw])
        self._has_bytes = BYTES[0] in self.pieces
        self.masks = _count_masks(set(self.pieces))
        ids = range(text.UNKNOWN + 1, len(self.names))
        self._table = text.lookup_table(raw, ids, -1)
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
        words = tf.strings.split(clean(texts, self.masks))
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
        pieces = tf.where(ids > text.END, tf.gather(self._raw, ids), "")
        joined = tf.strings.reduce_join(pieces, axis=-1)  # (...)
        if self._has_bytes:
            joined = tf.strings.unicode_transcode(joined, "UTF-8", "UTF-8")
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
        if self._has_bytes:
            letters = self._in_bytes(letters)
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

        chosen = id_array(count, tf.shape(words)[0])
        *_, chosen = tf.while_loop(
            lambda i, *_: i < count, forward, (0, best, chosen)
        )
        return backtrace(chosen.stack(), candidates, lengths)

    def _in_bytes(self, letters: tf.RaggedTensor) -> tf.RaggedTensor:
        """Cuts letters that are no sub-words into their bytes."""
        flat = letters.flat_values
        known = self._table.lookup(flat) >= 0
        sizes = tf.where(known, 1, tf.strings.length(flat))
        place = tf.ragged.range(sizes).flat_values
        parts = tf.repeat(flat, sizes)
        known = tf.repeat(known, sizes)
        byte = tf.strings.substr(parts, place, tf.ones_like(place))
        parts = tf.where(known, parts, byte)
        sizes = tf.cast(sizes, tf.int64)
        parts = tf.RaggedTensor.from_row_lengths(parts, sizes, False)
        return letters.with_values(parts).merge_dims(1, 2)

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


def _count_masks(pieces: set[str]) -> int:
    """How many masks, from the first on, are sub-words."""
    count = 0
    while chr(ord(FIRST_MASK) + count) in pieces:
        count += 1
    return count


def _raw(piece: str) -> bytes:
    """The bytes that a sub-word stands for."""
    byte = _BYTE.fullmatch(piece)
    return bytes([int(byte[1], 16)]) if byte else piece.encode()


def clean(texts: tf.Tensor, masks: int = 0) -> tf.Tensor:
    """Makes texts valid UTF-8, with single spaces and the first masks."""
    texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", "replace")
    spaces = r"[\pZ\pC\s]+"
    if masks:
        first = 0xE000 + masks
        spaces = rf"[\pZ\p{{Cc}}\p{{Cf}}\x{{{first:X}}}-\x{{F8FF}}\s]+"
    texts = tf.strings.regex_replace(texts, spaces, " ")
    return tf.strings.regex_replace(tf.strings.strip(texts), WORD_START, "_")

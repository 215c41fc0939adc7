"""Sub-words: learned by a library, applied and undone inside the graph."""

import io
import re
import sys
from collections.abc import Sequence

import tensorflow as tf

from seqapps import text
from seqapps.errors import InputError

BLANK = "▁"  # U+2581 begins a word
_AT_ONCE = 512  # texts that are cut at once
_UNKNOWN = 10.0  # how much worse than the worst sub-word an unknown letter is
_NEVER = -1e9


class Units(tf.Module):
    """Cuts texts into sub-words and joins them again.

    A word is cut so that the sum of the log-probabilities of its sub-words is
    highest, by Viterbi's algorithm over the places i between its letters:

        best_i = max_k best_{i-k} + log p(letters i-k+1 ... i)

    In training it may be cut by chance instead, a cut with probability in
    proportion to p(cut)^a ("sub-word regularization").

    Args:
        pieces: the sub-words, numbered 3, 4, ...; "▁" begins a word.
        scores: the log-probability of each.

    Source:
        Kudo 2018, "Subword regularization", section 3.2.
    """

    def __init__(self, pieces: Sequence[str], scores: Sequence[float]):
        super().__init__()
        self.pieces, self.scores = list(pieces), list(scores)
        self.names = ("<pad>", "<end>", "<unknown>", *self.pieces)
        self._names = tf.constant(self.names)
        known = range(text.UNKNOWN + 1, len(self.names))
        self._table = text.lookup_table(self.pieces, known, -1)
        worst = min(self.scores, default=0.0) - _UNKNOWN
        self._scores = tf.constant([worst] * 3 + self.scores, tf.float32)
        self.longest = max(map(len, self.pieces), default=1)
        cut = tf.function(
            self._cut, [tf.TensorSpec([None], tf.string)], autograph=False
        )  # one function in the graph, however often it is called
        self._best = lambda words: cut(words)  # a module saves no lambda

    def __len__(self) -> int:
        return len(self.names)

    def get_config(self) -> dict:
        return {"pieces": self.pieces, "scores": self.scores}

    def encode(self, texts, chance=0.0, seed=None):
        """Numbers of sub-words, ragged `(batch, None)`, without an end.

        Args:
            texts: `(batch,)` strings; what is no UTF-8 is replaced.
            chance: a above; 0 takes the best cut.
            seed: `(2,)` integers, where there is a chance.
        """
        words = tf.strings.split(clean(texts))  # (batch, None)
        flat = tf.strings.join([BLANK, words.flat_values])
        if seed is not None:  # each word by itself
            cut = self._cut(flat, chance, seed)
        else:
            flat, number = tf.unique(flat)
            cut = tf.gather(self._best(flat), number)
        return words.with_values(cut).merge_dims(1, 2)

    def encoded(self, texts: Sequence[str]):
        """The same of many texts, a few hundred at a time."""
        parts = [
            self.encode(tf.constant(texts[i : i + _AT_ONCE]))
            for i in range(0, len(texts), _AT_ONCE)
        ]
        return tf.concat(parts, 0)

    def decode(self, ids):
        """Texts of numbers `(..., time)`; the end and what pads is nothing."""
        said = tf.where(ids > text.END, tf.gather(self._names, ids), "")
        joined = tf.strings.reduce_join(said, axis=-1)  # (...)
        return tf.strings.strip(
            tf.strings.regex_replace(joined, f"{BLANK}+", " ")
        )

    def strings(self, ids):
        """Names of numbers, of any shape; "" where padded."""
        return tf.where(ids == text.PAD, "", tf.gather(self._names, ids))

    def _cut(self, words, chance=0.0, seed=None):
        """Cuts words, ragged `(words, None)`."""
        letters = tf.strings.unicode_split(words, "UTF-8")  # (words, None)
        lengths = tf.cast(letters.row_lengths(), tf.int32)
        found = self._found(letters)  # (words, length, longest)
        scores = tf.gather(self._scores, tf.maximum(found, 0))
        if seed is None:
            scores = tf.where(found < 0, _NEVER, scores)
            luck = tf.zeros_like(scores)
        else:
            scores = tf.where(found < 0, _NEVER, scores * chance)
            even = tf.random.stateless_uniform(tf.shape(scores), seed, 1e-9, 1)
            luck = -tf.math.log(-tf.math.log(even))  # Gumbel's
        reduce = tf.reduce_max if seed is None else tf.reduce_logsumexp
        count = tf.shape(found)[1]
        before = tf.fill([tf.shape(words)[0], self.longest - 1], _NEVER)
        before = tf.pad(before, [[0, 0], [1, 0]])  # best_{i-1}, best_{i-2}, ...

        def forward(i, before, chosen):
            ways = before + scores[:, i]  # (words, longest)
            chosen = chosen.write(i, tf.argmax(ways + luck[:, i], -1, tf.int32))
            best = reduce(ways, axis=-1)[:, tf.newaxis]
            return i + 1, tf.concat([best, before[:, :-1]], 1), chosen

        chosen = _array(count, tf.shape(words)[0])
        *_, chosen = tf.while_loop(
            lambda i, *_: i < count, forward, (0, before, chosen)
        )
        return _backward(chosen.stack(), found, lengths)

    def _found(self, letters):
        """The sub-word of k letters that ends at each place, or -1."""
        flat = letters.flat_values  # (all,)
        place = tf.ragged.range(letters.row_lengths()).flat_values
        ending, found = flat, []
        for k in range(1, self.longest + 1):
            ids = self._table.lookup(ending)
            if k == 1:
                ids = tf.where(ids < 0, text.UNKNOWN, ids)
            else:
                ids = tf.where(place >= k - 1, ids, -1)
            found.append(ids)
            before = tf.concat([[""], ending], 0)[:-1]
            ending = tf.strings.join([before, flat])
        found = letters.with_flat_values(tf.stack(found, -1))
        return found.to_tensor(-1, shape=[None, None, self.longest])


def _backward(chosen, found, lengths):
    """Walks from the ends of words back: which sub-words were chosen.

    Args:
        chosen: `(length, words)`, letters less one of the sub-word that ends
            there.
        found: `(words, length, longest)`, its number.
        lengths: letters of each word.
    """
    rows = tf.range(tf.size(lengths))
    most = tf.reduce_max(tf.concat([[0], lengths], 0))
    ids = _array(most, tf.size(lengths))

    def back(i, place, ids):
        at = tf.maximum(place, 0)
        k = tf.gather_nd(chosen, tf.stack([at, rows], -1))  # (words,)
        number = tf.gather_nd(found, tf.stack([rows, at, k], -1))
        number = tf.where(place >= 0, number, -1)
        return i + 1, place - k - 1, ids.write(i, number)

    count, _, ids = tf.while_loop(
        lambda i, place, _: tf.reduce_any(place >= 0),
        back,
        (0, lengths - 1, ids),
    )
    numbers = tf.transpose(ids.stack()[:count][::-1])  # (words, steps)
    there = numbers >= 0
    return tf.RaggedTensor.from_row_lengths(
        tf.boolean_mask(numbers, there),
        tf.reduce_sum(tf.cast(there, tf.int64), axis=1),
    )


def _array(size, words):
    """Rows of numbers; with one more, for an empty array cannot be stacked."""
    rows = tf.TensorArray(tf.int32, size + 1, element_shape=[None])
    return rows.write(size, tf.zeros([words], tf.int32))


def clean(texts):
    """UTF-8 in one line, single blanks between words."""
    texts = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", "replace")
    texts = tf.strings.regex_replace(texts, r"[\pZ\pC\s]+", " ")
    return tf.strings.regex_replace(tf.strings.strip(texts), BLANK, "_")


def learn(texts: Sequence[str], size: int, what: str) -> Units:
    """The sub-words that describe the texts best, by SentencePiece.

    Args:
        texts: of training.
        size: how many; each letter of the texts is one of them. Where the
            texts have not so many, it is as many as they have.
        what: which side, for what is said.

    Raises:
        InputError: there are more letters than that.
    """
    import sentencepiece

    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts),
            model_writer=model,
            vocab_size=size + 1,  # the unknown
            model_type="unigram",
            character_coverage=1.0,
            normalization_rule_name="identity",
            bos_id=-1,
            eos_id=-1,
            unk_id=0,
            max_sentence_length=100_000,
            num_threads=1,  # sums in one order
            minloglevel=5,
        )
    except (RuntimeError, OSError) as error:
        most = re.search(r"value <= (\d+)", str(error))
        if most and int(most[1]) - 1 < size:
            print(
                f"the {what} gives {int(most[1]) - 1} sub-words, not {size}",
                file=sys.stderr,
            )
            return learn(texts, int(most[1]) - 1, what)
        raise InputError(
            f"{size} sub-words of the {what} cannot be learned, each letter "
            "needs one: set --data.vocabulary or --data.target-vocabulary "
            f"higher ({' '.join(str(error).split())[:120]})"
        ) from None
    learned = sentencepiece.SentencePieceProcessor()
    learned.LoadFromSerializedProto(model.getvalue())
    pieces = [learned.id_to_piece(i) for i in range(1, len(learned))]
    scores = [round(learned.get_score(i), 5) for i in range(1, len(learned))]
    return Units(pieces, scores)

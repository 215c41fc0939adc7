"""TensorFlow's tutorial "Neural machine translation with attention", beside us.

Its model as its text describes it, trained as it says, on our split (its own
puts pairs of the same sentence into training and validation): what it would
say of sentences that it has not seen. Its texts are in lower case, without
accents, apart from their punctuation, so BLEU is told twice: of both models in
the tutorial's standard form, the references too, with blanks between the
tokens; and of ours as written.
"""

import json
import re
import time
import unicodedata
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from keras import layers

_WORDS = 5000  # of each language
_UNITS = 256
_ROWS = 64  # pairs a batch
_MOST = 50  # words of a translation
_START, _END = "[START]", "[END]"


def standard(text: str) -> str:
    """The tutorial's form of a text: plain small letters and . ? ! , ¿ only."""
    text = unicodedata.normalize("NFKD", text).lower()
    text = re.sub(r"[^ a-z.?!,¿]", "", text)
    return " ".join(re.sub(r"([.?!,¿])", r" \1 ", text).split())


def vocabulary(texts: Sequence[str]) -> layers.TextVectorization:
    """Numbers of words, ragged; the rare ones are one."""
    made = layers.TextVectorization(_WORDS, standardize=None, ragged=True)
    made.adapt(tf.data.Dataset.from_tensor_slices(texts).batch(1024))
    return made


class Network(keras.Model):
    """The tutorial's encoder and decoder.

    ```
    v = sum of both directions of GRU(E x)
    h = GRU(E y)
    logits = W LayerNorm(h + attention(h over v)) + b
    ```
    The decoder begins with zeros: all that it knows comes by attention.

    Args:
        source: how many words of the source there are.
        target: and of the target.
    """

    def __init__(self, source: int, target: int):
        super().__init__()

        def walk(**kwargs):
            return layers.GRU(
                _UNITS,
                return_sequences=True,
                recurrent_initializer="glorot_uniform",
                **kwargs,
            )

        self.embed_source = layers.Embedding(source, _UNITS, mask_zero=True)
        self.read = layers.Bidirectional(walk(), merge_mode="sum")
        self.embed_target = layers.Embedding(target, _UNITS, mask_zero=True)
        self.write = walk(return_state=True)
        self.look = layers.MultiHeadAttention(num_heads=1, key_dim=_UNITS)
        self.norm = layers.LayerNormalization()
        self.say = layers.Dense(target)

    def call(self, inputs):
        source, written = inputs
        return self.go_on(written, None, self.encode(source), source != 0)[0]

    def encode(self, source):
        """What the encoder says of each place, `(batch, S, units)`."""
        return self.read(self.embed_source(source))

    def go_on(self, written, state, values, there):
        """Logits `(batch, T, target)` and the state after `(batch, T)`."""
        h, state = self.write(self.embed_target(written), initial_state=state)
        seen = self.look(h, values, attention_mask=there[:, tf.newaxis])
        return self.say(self.norm(h + seen)), state


def masked(what):
    """A mean of what Keras tells of each word, over those that are there."""

    def mean(y_true, y_pred):
        there = tf.cast(y_true != 0, tf.float32)
        found = tf.cast(what(y_true, y_pred), tf.float32)
        return tf.reduce_sum(found * there) / tf.reduce_sum(there)

    return mean


def train(model, pairs: dict, epochs: int) -> dict:
    """Fits as the tutorial does; returns Keras's history.

    Args:
        model: the network.
        pairs: of "train" and "validation", ragged numbers of sources, and of
            targets with both their marks.
        epochs: at most.
    """

    def batches(source, target):
        table = tf.data.Dataset.from_tensor_slices((source, target))
        table = table.shuffle(source.nrows()).batch(_ROWS)
        return table.map(
            lambda x, y: (
                (x.to_tensor(), y[:, :-1].to_tensor()),
                y[:, 1:].to_tensor(),
            ),
            tf.data.AUTOTUNE,
        )

    losses = keras.losses.sparse_categorical_crossentropy
    right = keras.metrics.sparse_categorical_accuracy
    loss = masked(lambda y, logits: losses(y, logits, from_logits=True))
    accuracy = masked(right)
    accuracy.__name__ = "accuracy"
    model.compile(
        optimizer="adam", loss=loss, metrics=[accuracy], jit_compile=False
    )
    return model.fit(
        batches(*pairs["train"]).repeat(),
        epochs=epochs,
        steps_per_epoch=100,
        validation_data=batches(*pairs["validation"]),
        validation_steps=20,
        callbacks=[keras.callbacks.EarlyStopping(patience=3)],
        verbose=2,
    ).history


def translate(model, source, words: Sequence[str]) -> list[str]:
    """The likeliest word after word, of each source.

    Args:
        model: trained.
        source: ragged numbers.
        words: of the target, by number.
    """
    start, end = words.index(_START), words.index(_END)

    @tf.function(
        input_signature=[tf.TensorSpec([None, None], tf.int64)],
        autograph=False,
    )
    def write(source):
        values, there = model.encode(source), source != 0
        count = tf.shape(source)[0]

        def step(i, word, state, live, made):
            logits, state = model.go_on(word, state, values, there)
            word = tf.argmax(logits, -1)  # (batch, 1)
            live &= word != end
            word = tf.where(live, word, 0)
            return i + 1, word, state, live, made.write(i, word[:, 0])

        made = tf.TensorArray(tf.int64, _MOST, element_shape=[None])
        begin = (
            tf.fill([count, 1], tf.constant(start, tf.int64)),
            tf.zeros([count, _UNITS]),
            tf.fill([count, 1], True),
        )
        i, *_, made = tf.while_loop(
            lambda i, word, state, live, made: tf.reduce_any(live),
            step,
            (0, *begin, made),
            maximum_iterations=_MOST,
        )
        return tf.transpose(made.gather(tf.range(i)))

    order = np.argsort(source.row_lengths().numpy(), kind="stable")
    said = [""] * len(order)
    for first in range(0, len(order), _ROWS):
        some = order[first : first + _ROWS]
        found = write(tf.gather(source, some).to_tensor()).numpy()
        for i, row in zip(some, found, strict=True):
            said[i] = " ".join(words[n] for n in row if n)
    return said


def tutorial(given, data) -> None:
    """Trains the tutorial's model and prints its BLEU beside ours."""
    from sacrebleu.metrics import BLEU

    from seqapps import files, training
    from seqapps.tasks import translation
    from seqapps.tasks.translation import metrics

    keras.utils.set_random_seed(given.seed)
    sides = {
        name: [
            [standard(text) for text in side] for side in data.examples[name]
        ]
        for name in ("train", "validation", "test")
    }
    marked = {
        name: [[f"{_START} {t} {_END}" for t in side] for side in both]
        for name, both in sides.items()
    }
    numbers = [vocabulary(side) for side in marked["train"]]
    pairs = {
        name: [
            n(tf.constant(side)) for n, side in zip(numbers, both, strict=True)
        ]
        for name, both in marked.items()
    }
    words = [number.get_vocabulary() for number in numbers]
    model = Network(*map(len, words))
    start = time.perf_counter()
    history = train(model, pairs, given.epochs)
    seconds = time.perf_counter() - start
    theirs = translate(model, pairs["test"][0], words[1])
    found = {"epochs": len(history["loss"]), "minutes": seconds / 60}
    print(f"the tutorial's: {found['epochs']} epochs in {seconds / 60:.0f} min")

    predictor, info = training.restore(translation.TASK, given.run)
    source, references = data.examples["test"]
    ours = metrics.best_translations(predictor, source, {"beam": given.beam})
    greedy = metrics.best_translations(predictor, source, {"beam": 1})
    plain, cased = BLEU(tokenize="none", force=True), BLEU(force=True)
    rows = {
        "the tutorial's, greedy": (theirs, None),
        "ours, greedy": (greedy, greedy),
        f"ours, beam {given.beam}": (ours, ours),
    }
    print(
        f"\n{len(references)} test pairs, {len(sides['train'][0])} to train on"
    )
    print("| model | BLEU, standard form | BLEU, as written |\n|---|---|---|")
    for name, (said, written) in rows.items():
        told = {
            "standard": plain.corpus_score(
                [standard(t) for t in said] if written else said,
                [sides["test"][1]],
            ).score
        }
        if written:
            told["written"] = cased.corpus_score(written, [references]).score
        found[name] = told
        last = f"{told['written']:.2f}" if written else ""
        print(f"| {name} | {told['standard']:.2f} | {last} |")
    found["signatures"] = {
        "standard": str(plain.get_signature()),
        "written": str(cased.get_signature()),
    }
    for name, signature in found["signatures"].items():
        print(f"{name}: {signature}")
    found |= {"pairs": {n: len(s[0]) for n, s in sides.items()}, "ours": info}
    found |= {"history": history, "seed": given.seed}
    given.output.parent.mkdir(parents=True, exist_ok=True)
    files.write_file(given.output, json.dumps(found, indent=1))
    print(given.output)

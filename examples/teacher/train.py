"""Trains a large classifier on a GPU: a language model first, then labels.

    KERAS_BACKEND=jax python examples/teacher/train.py --data runs/teacher

Two LSTMs, one of them over the reversed text, with the weights of language
models (Dai and Le, Semi-supervised Sequence Learning, 2015):

    h = [LSTM(x_1 ... x_T); LSTM(x_T ... x_1)],  x_t = E w_t
    p(w_{t+1}) = softmax(E P h_t + b)                      language model
    p(positive) = sigmoid(w [last h; mean h; max h] + b)   classifier

The classifier learns from reviews and from single sentences in turn. Reviews
with and without a label also take part in virtual adversarial training (Miyato,
Dai and Goodfellow, 2017) and the entropy of the unlabelled ones is lowered
(Sachan et al., Revisiting LSTM Networks for Semi-Supervised Text
Classification, 2019). Each phase runs for so many seconds. Writes the logit of
every text and of every sentence of the reviews, logits.npz.
"""

import argparse
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import keras
import numpy as np

from seqapps import layers

UNKNOWN, END = 1, 2
WINDOW = 128  # steps of a language model's batch
REVIEW, SENTENCE = 400, 64  # words of a classifier's batch
HEAD = 100  # of a long review, the first words; the others are its last
NEGATIVES = 8192  # words that a softmax is estimated from
STRENGTH = 0.02  # length of the adversarial perturbation, as a share of x
MIXTURE = {  # shares of the sentences of a batch
    "phrase": 0.46,
    "template": 0.2,
    "everyday": 0.16,
    "film": 0.18,
}


class Teacher(keras.Model):
    """The network: see above."""

    def __init__(self, words: int, size: int, units: int):
        super().__init__()
        self.embed = keras.layers.Embedding(words, size)
        self.embed.build((None, None))
        self.lstms = []
        for _ in range(2):
            lstm = layers.LSTM(units, return_sequences=True, return_state=True)
            lstm.build((None, None, size))
            self.lstms.append(lstm)
        self.projections = [
            keras.layers.Dense(size, use_bias=False) for _ in self.lstms
        ]
        for projection in self.projections:
            projection.build((None, units))
        self.bias = self.add_weight(shape=(words,), initializer="zeros")
        self.head = keras.layers.Dense(1)
        self.head.build((None, 6 * units))
        self.built = True

    def words(self, ids, key, rates):
        """x, `(batch, time, size)`, with words and numbers dropped."""
        word_key, key = jax.random.split(key)
        kept = jax.random.bernoulli(word_key, 1 - rates[0], ids.shape)
        x = self.embed(jnp.where(kept | (ids == 0), ids, UNKNOWN))
        return drop(x, key, rates[1])

    def next_words(self, ids, targets, states, key, negatives):
        """The loss of both language models, and their last states."""
        losses, last = [], []
        for d, (lstm, project) in enumerate(
            zip(self.lstms, self.projections, strict=True)
        ):
            keys = jax.random.split(jax.random.fold_in(key, d), 2)
            x = self.words(ids[d], keys[0], (0.05, 0.25))
            h, *state = lstm(x, initial_state=list(states[d]))
            h = project(drop(h, keys[1], 0.25)).reshape(-1, x.shape[-1])
            losses.append(self.sampled(h, targets[d].reshape(-1), negatives))
            last.append(state)
        return sum(losses) / 2, last

    def sampled(self, h, targets, negatives):
        """The softmax over some words, drawn by 1 / rank."""
        table, bias = self.embed.embeddings.value, self.bias.value
        right = jnp.sum(h * jnp.take(table, targets, 0), -1)
        right += jnp.take(bias, targets) - log_share(targets)
        others = h.astype("bfloat16") @ table[negatives].T.astype("bfloat16")
        others = others.astype("float32")
        others += bias[negatives] - log_share(negatives)
        same = targets[:, None] == negatives[None]
        others = jnp.where(same, -1e9, others)
        total = jnp.logaddexp(right, jax.nn.logsumexp(others, -1))
        return jnp.mean(total - right)

    def classify(self, x, lengths, key=None, rate=0.0):
        """Logits `(batch,)` of word vectors, padded at the end."""
        steps = jnp.arange(x.shape[1])[None]
        inside = steps < lengths[:, None]
        back = jnp.where(inside, lengths[:, None] - 1 - steps, steps)
        parts = []
        for d, lstm in enumerate(self.lstms):
            if d:
                x = jnp.take_along_axis(x, back[..., None], 1)
            h = lstm(x)[0]
            last = jnp.maximum(lengths - 1, 0)[:, None, None]
            masked = jnp.where(inside[..., None], h, 0.0)
            parts += [
                jnp.take_along_axis(h, last, 1)[:, 0],
                masked.sum(1) / jnp.maximum(lengths, 1)[:, None],
                jnp.where(inside[..., None], h, -1.0).max(1),
            ]
        pooled = jnp.concatenate(parts, -1)
        if key is not None:
            pooled = drop(pooled, key, rate)
        return self.head(pooled)[:, 0]


def drop(x, key, rate):
    """Dropout."""
    kept = jax.random.bernoulli(key, 1 - rate, x.shape)
    return jnp.where(kept, x / (1 - rate), 0.0)


def log_share(ids):
    """The log of 1 / rank, up to a constant that the softmax does not see."""
    return -jnp.log(ids + 1.0)


def cross_entropy(logits, p):
    """Of Bernoulli distributions, from logits."""
    return p * jax.nn.softplus(-logits) + (1 - p) * jax.nn.softplus(logits)


def divergence(logits, others):
    """KL of two Bernoulli distributions, from their logits."""
    p = jax.nn.sigmoid(logits)
    return jnp.mean(cross_entropy(others, p) - cross_entropy(logits, p))


class Trainer:
    """The three training steps and Adam."""

    def __init__(self, model):
        self.model, self.variables = model, model.trainable_variables
        self.values = [v.value for v in self.variables]
        self.reset()
        self.read = jax.jit(self._read, donate_argnums=(0, 1))
        self.learn = jax.jit(self._learn, donate_argnums=(0, 1))
        self.adapt = jax.jit(self._adapt, donate_argnums=(0, 1))
        self.predict = jax.jit(self._predict)

    def reset(self):
        zeros = [jnp.zeros_like(v) for v in self.values]
        self.moments = (zeros, [jnp.zeros_like(v) for v in zeros], 0.0)
        self.average = [jnp.array(v) for v in self.values]

    def scope(self, values):
        mapping = list(zip(self.variables, values, strict=True))
        return keras.StatelessScope(state_mapping=mapping)

    def _update(self, values, moments, gradients, rate):
        """Adam, of gradients whose norm is 1 at most."""
        m, v, count = moments
        norm = jnp.sqrt(sum(jnp.sum(g**2) for g in gradients))
        scale = 1 / jnp.maximum(norm, 1.0)
        count = count + 1.0
        pairs = list(zip(values, m, v, gradients, strict=True))
        m = [0.9 * m + 0.1 * g * scale for _, m, _, g in pairs]
        v = [0.99 * v + 0.01 * (g * scale) ** 2 for _, _, v, g in pairs]
        fixed = rate * jnp.sqrt(1 - 0.99**count) / (1 - 0.9**count)
        values = [
            w - fixed * m / (jnp.sqrt(v) + 1e-8)
            for w, m, v in zip(values, m, v, strict=True)
        ]
        return values, (m, v, count)

    def _read(self, values, moments, batch, states, key, rate):
        ids, targets, negatives = batch

        def loss(values):
            with self.scope(values):
                return self.model.next_words(
                    ids, targets, states, key, negatives
                )

        grad = jax.value_and_grad(loss, has_aux=True)
        (value, states), gradients = grad(values)
        values, moments = self._update(values, moments, gradients, rate)
        return values, moments, states, value

    def _learn(self, values, moments, batch, key, rate):
        """One step on sentences with (soft) labels."""
        ids, lengths, p = batch

        def loss(values):
            keys = jax.random.split(key, 2)
            with self.scope(values):
                x = self.model.words(ids, keys[0], (0.08, 0.3))
                logits = self.model.classify(x, lengths, keys[1], 0.4)
            return jnp.mean(cross_entropy(logits, p))

        value, gradients = jax.value_and_grad(loss)(values)
        return *self._update(values, moments, gradients, rate), value

    def _adapt(self, values, moments, batch, key, rate):
        """One step on reviews, the first of them with labels."""
        ids, lengths, p = batch
        keys = jax.random.split(key, 4)
        labelled = len(p)

        def logits_of(values, x, keyed=None):
            with self.scope(values):
                return self.model.classify(x, lengths, keyed, 0.4)

        with self.scope(values):
            clean = self.model.embed(ids)
        clean = clean * (ids != 0)[..., None]
        base = logits_of(values, clean)
        size = jnp.sqrt(jnp.sum(clean**2, (1, 2), keepdims=True))
        probe = jax.random.normal(keys[0], clean.shape)
        probe = 0.1 * size * unit(probe * (ids != 0)[..., None])
        worst = jax.grad(
            lambda r: divergence(base, logits_of(values, clean + r))
        )(probe)
        worst = STRENGTH * size * unit(worst * (ids != 0)[..., None])

        def loss(values):
            with self.scope(values):
                x = self.model.words(ids, keys[1], (0.05, 0.3))
                plain = self.model.embed(ids)
            logits = logits_of(values, x, keys[2])
            right = jnp.mean(cross_entropy(logits[:labelled], p))
            free = logits[labelled:]
            entropy = jnp.mean(cross_entropy(free, jax.nn.sigmoid(free)))
            away = divergence(base, logits_of(values, plain + worst))
            return right + away + 0.3 * entropy, (right, away)

        grad = jax.value_and_grad(loss, has_aux=True)
        (_, shown), gradients = grad(values)
        return *self._update(values, moments, gradients, rate), shown

    def _predict(self, values, ids, lengths):
        with self.scope(values):
            return self.model.classify(self.model.embed(ids), lengths)


def unit(x):
    """A vector of length 1 for each text."""
    return x / jnp.sqrt(jnp.sum(x**2, (1, 2), keepdims=True) + 1e-20)


class Clock:
    """A phase of so many seconds: its rate rises, then falls to 0."""

    def __init__(self, name, seconds, peak):
        self.name, self.seconds, self.peak = name, seconds, peak
        self.begin, self.shown, self.steps = None, 0.0, 0

    def rate(self):
        """The learning rate now, or None at the end."""
        now = time.monotonic()
        self.begin = self.begin or now  # after the first step is compiled
        done = (now - self.begin) / self.seconds
        self.steps += 1
        if done >= 1:
            return None
        warm = min(1.0, self.steps / 100)
        return self.peak * warm * 0.5 * (1 + np.cos(np.pi * done))

    def show(self, *numbers):
        now = time.monotonic() - (self.begin or 0)
        if self.begin and now - self.shown > 10:
            self.shown = now
            text = " ".join(f"{float(n):.4f}" for n in numbers)
            print(f"{self.name} {now:5.0f} s {self.steps:6} {text}", flush=True)


def read(trainer, texts, arguments, rng):
    """Trains the language models."""
    model, size = trainer.model, arguments.batch
    clock = Clock("read", arguments.read_seconds, 0.002)
    ranks = np.arange(texts.words)
    share = (1 / (ranks + 1)) / (1 / (ranks + 1)).sum()
    sources = ("train", "unlabelled", "counterfactual", "everyday")
    key = jax.random.PRNGKey(0)
    first = True
    while True:
        stream = texts.stream(sources, END, rng)
        length = len(stream) // size
        rows = stream[: length * size].reshape(size, length)
        rows = np.stack([rows, rows[:, ::-1]])  # forward, backward
        units = model.lstms[0].units
        states = [
            [jnp.zeros((size, units)) for _ in range(2)] for _ in model.lstms
        ]
        for start in range(0, length - WINDOW, WINDOW):
            rate = 0.0 if first else clock.rate()
            if rate is None:
                return
            ids = rows[:, :, start : start + WINDOW]
            targets = rows[:, :, start + 1 : start + WINDOW + 1]
            negatives = rng.choice(texts.words, NEGATIVES, p=share)
            key, own = jax.random.split(key)
            step = trainer.read(
                trainer.values,
                trainer.moments,
                (jnp.array(ids), jnp.array(targets), jnp.array(negatives)),
                states,
                own,
                rate,
            )
            trainer.values, trainer.moments, states, loss = step
            if first or clock.steps % 16 == 0:
                loss.block_until_ready()
                first = False
                clock.show(loss)


def learn(trainer, texts, arguments, rng):
    """Trains the classifier, reviews and sentences in turn."""
    clock = Clock("learn", arguments.learn_seconds, 0.0008)
    labelled = texts.rows("train", "counterfactual")
    unlabelled = texts.rows("unlabelled")
    pools = [(texts.rows(s), n) for s, n in MIXTURE.items()]
    trainer.reset()
    key = jax.random.PRNGKey(1)
    average = jax.jit(
        lambda a, b, r: [r * x + (1 - r) * y for x, y in zip(a, b, strict=True)]
    )
    first = True
    while True:
        rate = 0.0 if first else clock.rate()
        if rate is None:
            return
        rows = np.concatenate(
            [
                rng.choice(labelled, arguments.labelled, replace=False),
                rng.choice(unlabelled, arguments.unlabelled, replace=False),
            ]
        )
        ids, lengths = texts.batch(rows, REVIEW, HEAD)
        p = 0.02 + 0.96 * texts.p[rows[: arguments.labelled]]
        key, own = jax.random.split(key)
        trainer.values, trainer.moments, shown = trainer.adapt(
            trainer.values,
            trainer.moments,
            (jnp.array(ids), jnp.array(lengths), jnp.array(p)),
            own,
            rate,
        )
        for _ in range(arguments.sentence_steps):
            rows = np.concatenate(
                [
                    rng.choice(pool, int(n * arguments.sentences))
                    for pool, n in pools
                ]
            )
            ids, lengths = texts.batch(rows, SENTENCE)
            key, own = jax.random.split(key)
            trainer.values, trainer.moments, loss = trainer.learn(
                trainer.values,
                trainer.moments,
                (jnp.array(ids), jnp.array(lengths), jnp.array(texts.p[rows])),
                own,
                rate,
            )
        decay = min(0.998, clock.steps / (clock.steps + 10))
        trainer.average = average(trainer.average, trainer.values, decay)
        if first or clock.steps % 8 == 0:
            loss.block_until_ready()
            first = False
            clock.show(*shown, loss)


def predict(trainer, texts, rows, width, size, parts=False, values=None):
    """Logits of texts, or of parts."""
    values = values or trainer.average
    lengths = (texts.part_lengths if parts else texts.lengths)[rows]
    order = rows[np.argsort(lengths)]
    results = []
    for start in range(0, len(order), size):
        some = np.resize(order[start : start + size], size)
        batch = texts.batch(some, width, HEAD, parts)
        results.append(trainer.predict(values, *map(jnp.array, batch)))
    logits = np.concatenate(jax.device_get(results))[: len(order)]
    back = np.empty(len(order), np.float32)
    back[np.argsort(lengths)] = logits
    return back


def report(texts, rows, logits, name):
    """Prints the accuracy."""
    right = (logits > 0) == (texts.p[rows] > 0.5)
    print(f"{name:20} {len(rows):6} {100 * right.mean():.2f} %", flush=True)


def save(values, output):
    """Saves weights in 8 bits, a scale a row, in files of 16 MB at most."""
    files = [{}, {}, {}]
    for i, value in enumerate(jax.device_get(values)):
        w = np.asarray(value, np.float32)
        w2 = w.reshape(-1, w.shape[-1])
        scale = np.abs(w2).max(1, keepdims=True) / 127 + 1e-12
        q = np.round(w2 / scale).astype(np.int8)
        pieces = np.array_split(np.arange(len(q)), 2 if len(q) > 20000 else 1)
        for k, piece in enumerate(pieces):
            where = files[k] if len(pieces) > 1 else files[2]
            where[f"{i}.{k}.q"] = q[piece]
            where[f"{i}.{k}.scale"] = scale[piece].astype(np.float32)
            where[f"{i}.{k}.shape"] = np.array(w.shape)
    for k, file in enumerate(files):
        np.savez_compressed(output / f"weights-{k}.npz", **file)


def main(arguments):
    """Reads, learns, predicts."""
    output = arguments.output or arguments.data
    begin = time.monotonic()
    rng = np.random.default_rng(0)
    texts = Texts(arguments.data / "ids.npz")
    keras.utils.set_random_seed(0)
    model = Teacher(texts.words, arguments.size, arguments.units)
    for lstm in model.lstms:
        lstm.walk = arguments.walk
    trainer = Trainer(model)
    print(f"{sum(v.size for v in trainer.values):,} weights", flush=True)
    read(trainer, texts, arguments, rng)
    print(f"{time.monotonic() - begin:.0f} s: read", flush=True)
    learn(trainer, texts, arguments, rng)
    print(f"{time.monotonic() - begin:.0f} s: learnt", flush=True)
    reviews = texts.rows("train", "validation", "test", "unlabelled")
    others = np.setdiff1d(np.arange(len(texts.p)), reviews)
    logits = np.zeros(len(texts.p), np.float32)
    every = arguments.every  # of a trial, few
    for rows, width, size in (
        (reviews[::every], REVIEW, 256),
        (others[::every], SENTENCE, 1024),
    ):
        logits[rows] = predict(trainer, texts, rows, width, size)
        for source in np.unique(texts.source[rows]):
            own = rows[texts.source[rows] == source]
            report(texts, own, logits[own], source)
    own = texts.rows("validation")[::every]
    for width in (REVIEW, 2 * REVIEW):
        now = predict(trainer, texts, own, width, 256)
        report(texts, own, now, f"validation, {width}")
    now = predict(trainer, texts, own, REVIEW, 256, values=trainer.values)
    report(texts, own, now, "without average")
    parts = np.arange(len(texts.part_lengths))[::every]
    part_logits = predict(trainer, texts, parts, SENTENCE, 1024, parts=True)
    np.savez_compressed(
        output / "logits.npz",
        texts=logits.astype(np.float16),
        parts=part_logits.astype(np.float16),
    )
    save(trainer.average, output)
    print(f"{time.monotonic() - begin:.0f} s: done", flush=True)


if __name__ == "__main__":
    from texts import Texts

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--read-seconds", type=float, default=210)
    parser.add_argument("--learn-seconds", type=float, default=220)
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--units", type=int, default=1024)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--labelled", type=int, default=64)
    parser.add_argument("--unlabelled", type=int, default=96)
    parser.add_argument("--sentences", type=int, default=512)
    parser.add_argument("--sentence-steps", type=int, default=4)
    parser.add_argument("--walk", default="auto")
    parser.add_argument("--every", type=int, default=1)
    main(parser.parse_args())

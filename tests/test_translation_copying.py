"""What is copied: the pointer, the joint vocabulary, and pairs made for it."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqapps.errors import InputError
from seqapps.tasks import translation
from seqapps.tasks.translation.blocks.loss import SmoothedCrossentropy
from seqapps.tasks.translation.blocks.output_loss import log_total
from seqapps.tasks.translation.codec import learning
from seqapps.tasks.translation.codec.base import PairCodec
from seqapps.tasks.translation.importers import carriers, invention, toy_pairs
from seqapps.tasks.translation.importers.augmentation import Augmentation
from seqapps.tasks.translation.network import TranslationNetwork

MASKS = [chr(0xE000 + k) for k in range(learning.MASKS)]
PAIRS = [
    ("Tom vive en Boston.", "Tom lives in Boston."),
    ("Ayer vi a Tom en Boston.", "I saw Tom in Boston yesterday."),
    ("Mi tren sale a las 18:45.", "My train leaves at 18:45."),
    ("El gato duerme.", "The cat is asleep."),
    ("Compré 25 libros.", "I bought 25 books."),
] * 3


def network(words=400, seed=0, **kwargs):
    arguments = {"units": 12, "embedding": 8, "dropout": 0.0, "copy": True}
    made = TranslationNetwork(words, words, **(arguments | kwargs))
    made.build([(None, None), (None, None)])
    keras.utils.set_random_seed(seed)
    for weight in made.weights:
        weight.assign(keras.random.normal(weight.shape))
    return made


def batch(words=400):
    draw = np.random.default_rng(0)
    source = draw.integers(3, 30, (6, 9))  # some stand twice
    source[2, 5:] = 0
    previous = draw.integers(3, words, (6, 7))
    target = draw.integers(3, words, (6, 7))
    target[:, :4] = source[:, 1:5]
    target[3, 5:] = 0
    return source, previous, target, (target != 0).astype("float32")


@pytest.fixture(scope="module")
def codec():
    pairs = toy_pairs.generate_pairs(300, 5)
    sides = list(zip(*pairs, strict=True))
    return learning.train_codec(sides, (600, 0), True)


@pytest.mark.parametrize("attention", ["general", "additive", "dot"])
def test_what_is_written_or_copied_is_a_distribution(attention):
    source, previous, *_ = batch()
    model = network(attention=attention)
    logits, weights = model.call_with_attention((source, previous))
    p = np.exp(logits)
    np.testing.assert_allclose(p.sum(-1), 1, rtol=1e-5)
    # by the equation, for one source
    g = 1 / (1 + np.exp(-gate(model, source, previous)))
    plain = network(attention=attention, copy=False)
    for weight, other in zip(
        plain.weights,
        [w for w in model.weights if "pointer" not in w.path],
        strict=True,
    ):
        weight.assign(other)
    written = tf.nn.softmax(plain((source, previous))).numpy()
    copied = np.zeros_like(written)
    for s in range(source.shape[1]):
        rows = np.arange(len(source))
        copied[rows, :, source[:, s]] += weights.numpy()[:, :, s]
    np.testing.assert_allclose(p, (1 - g) * written + g * copied, atol=1e-5)


def gate(model, source, previous):
    memory, states = model.encode(tf.constant(source))
    return model.outputs(tf.constant(previous), memory, states).z.numpy()


def test_a_step_copies_as_a_whole_sequence_does():
    source, previous, *_ = batch()
    model = network()
    whole, _ = model.call_with_attention((source, previous))
    memory, states = model.encode(tf.constant(source))
    # two hypotheses of each source, one beside the other
    states = keras.tree.map_structure(lambda x: tf.repeat(x, 2, 0), states)
    for t in range(previous.shape[1]):
        tokens = tf.repeat(previous[:, t], 2)
        logits, states, _ = model.step(tokens, states, memory)
        for k in range(2):
            np.testing.assert_allclose(
                logits[k::2, :400], whole[:, t], rtol=1e-4, atol=1e-4
            )
        assert np.isneginf(logits[:, 400:]).all()


def test_the_memory_of_chosen_sources():
    source, previous, *_ = batch()
    model = network()
    memory, states = model.encode(tf.constant(source))
    rows = [4, 2, 2]
    taken = [tf.gather(x, rows) for x in tf.nest.flatten(states)]
    states = tf.nest.pack_sequence_as(states, taken)
    chosen, _ = model.decode(previous[rows], memory.take(rows), states)
    whole = model((source, previous)).numpy()
    np.testing.assert_allclose(chosen, whole[rows], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("copy", [False, True])
def test_the_loss_without_logits_is_that_of_the_logits(copy):
    source, previous, target, weights = batch()
    x = source, previous
    model = network(copy=copy)
    accuracy = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
    model.compile("sgd", SmoothedCrossentropy(0.1), weighted_metrics=[accuracy])
    measured = []
    for predict in (model._forward, model):
        with tf.GradientTape() as tape:
            predicted = predict(x, training=True)
            loss = model.compute_loss(x, target, predicted, weights, True)
        gradients = tape.gradient(loss, model.trainable_variables)
        model.reset_metrics()
        right = model.compute_metrics(x, target, predicted, weights)
        measured.append(
            [loss, right["accuracy"], *map(tf.convert_to_tensor, gradients)]
        )
    for quick, slow in zip(*measured, strict=True):
        np.testing.assert_allclose(quick, slow, rtol=1e-3, atol=1e-5)


def test_totals_of_many_rows_in_either_precision():
    draw = np.random.default_rng(1)
    hidden, vectors, bias = (
        tf.constant(draw.normal(size=shape), tf.float32)
        for shape in ((600, 16), (50, 16), (50,))
    )
    exact = tf.matmul(hidden, vectors, transpose_b=True) + bias
    for low, near in ((False, 1e-4), (True, 0.1)):
        total, most = log_total(low, hidden, vectors, bias)
        wanted = tf.reduce_logsumexp(exact, -1)
        np.testing.assert_allclose(total, wanted, atol=near)
        np.testing.assert_allclose(most, tf.reduce_max(exact, -1), atol=near)


def test_only_what_has_one_vocabulary_copies():
    pairs = toy_pairs.generate_pairs(60, 5)
    sides = list(zip(*pairs, strict=True))
    apart = learning.train_codec(sides, (60, 50), False)
    with pytest.raises(InputError, match=r"--model\.copy needs --data\.joint"):
        translation.build_model(apart, copy=True)


@pytest.mark.parametrize(
    "text",
    [
        "Xiomara Ñáñez, 18:45",
        "Дмитрий Łódź Þórdís",
        "東京 서울 ไทย עברית हिन्दी",
        "emoji 😀 and \U0001f468\u200d\U0001f469".replace("\u200d", ""),
        f"{MASKS[0]} es {MASKS[15]}.",
        "<0xE2> is no byte",
    ],
    ids=ascii,
)
def test_no_letter_is_unknown_to_a_joint_vocabulary(codec, text):
    codec = PairCodec.from_config(codec.get_config())
    ids = codec.source.encode(tf.constant([text]))
    assert 2 not in ids.flat_values.numpy()
    (said,) = codec.target.decode(ids.to_tensor()).numpy()
    assert said.decode() == text
    for token in codec.target.strings(ids.flat_values).numpy():
        token.decode()


def test_masks_are_whole_and_others_are_left_out(codec):
    more = chr(0xE000 + learning.MASKS)
    ids = codec.source.encode(tf.constant([f"a{MASKS[3]}b {more}c"]))
    names = [codec.source.names[i] for i in ids.flat_values.numpy()]
    assert MASKS[3] in names and more not in "".join(names)
    assert not [n for n in names if MASKS[3] in n and n != MASKS[3]]


def test_bytes_that_are_no_letter_are_still_text(codec):
    byte = codec.target.names.index("<0xE2>")
    (said,) = codec.target.decode(tf.constant([[byte, 3]])).numpy()
    assert said.decode().startswith("\ufffd")


def filled(pair):
    """Masks and numbers of both sides."""
    pattern = r"[\ue000-\ue00f]|\d+"
    return [sorted(set(re.findall(pattern, side))) for side in pair]


@pytest.mark.parametrize("languages", [("", ""), ("es", "en"), ("en", "es")])
def test_both_sides_of_an_altered_pair_agree(languages):
    pairs = PAIRS if languages[0] != "en" else [p[::-1] for p in PAIRS]
    made = Augmentation(pairs, *languages)
    assert {"Tom", "Boston"} <= made.names
    altered = [made.alter(p, f"{i}") for i, p in enumerate(pairs * 40)]
    again = Augmentation(pairs, *languages)
    assert altered == [again.alter(p, f"{i}") for i, p in enumerate(pairs * 40)]
    for pair in altered:
        masks = [re.findall(r"[\ue000-\ue00f]", side) for side in pair]
        assert sorted(masks[0]) == sorted(masks[1]), pair
        assert masks[0] == MASKS[: len(masks[0])], pair
        assert "\uf8ff" not in "".join(pair) and "{" not in "".join(pair)
        source, target = filled(pair)
        digits = ["".join(c for c in s if c.isdigit()) for s in pair]
        assert source == target or sorted(digits[0]) == sorted(digits[1]), pair
    assert len(set(altered)) > 0.4 * len(altered)
    assert sum(MASKS[0] in source for source, _ in altered) > 30


def test_a_name_is_put_in_the_same_form_on_both_sides():
    made = Augmentation(PAIRS)
    replaced = 0
    for i in range(200):
        source, target = made.alter(PAIRS[0], f"{i}")
        match = re.fullmatch(r"(.+) vive en (.+)\.", source)
        if match and source.count(".") == 1 and match[1] != "Tom":
            assert target == f"{match[1]} lives in {match[2]}."
            replaced += 1
    assert replaced > 50


def test_every_carrier_has_the_same_on_both_sides():
    rows = carriers.carriers("es", "en")
    assert len(rows) > 100
    for spanish, english in rows:
        slots = [
            sorted(re.findall(r"\{\w\d?\}", s)) for s in (spanish, english)
        ]
        assert slots[0] == slots[1], spanish
    assert carriers.carriers("en", "es") == [row[::-1] for row in rows]
    assert carriers.carriers("fr", "en") == []


def test_names_are_drawn_and_hardly_repeat():
    import random

    rng = random.Random(3)
    for draw in (invention.person, invention.place, invention.word):
        names = {draw(rng) for _ in range(2000)}
        assert len(names) > 1200, draw


def test_numbers_are_written_as_a_language_does():
    assert invention.grouped(1200, "50", "es") == "1.200,50"
    assert invention.grouped(1200, "50", "en") == "1,200.50"


def test_more_pairs_share_no_sentence_with_what_is_held_out(tmp_path):
    pairs = toy_pairs.generate_pairs(300, 1)
    more = [(f"más {a}", f"more {b}") for a, b in pairs]
    for name, rows in (("main", pairs), ("more", more + pairs[:250])):
        text = "".join(f"{b}\t{a}\n" for a, b in rows)
        (tmp_path / f"{name}.tsv").write_text(text, "utf-8")
    arguments = {
        "path": tmp_path / "main.tsv",
        "validation": 0.1,
        "test": 0.1,
        "vocabulary": 500,
        "joint": True,
    }
    alone = translation.load_data(**arguments)
    arguments["extra"] = str(tmp_path / "more.tsv")
    data = translation.load_data(**arguments, passes=2)
    assert data.examples["test"] == alone.examples["test"]
    assert data.examples["validation"] == alone.examples["validation"]
    held = [set(side) for side in data.examples["test"]]
    for name in ("validation", "more"):
        for side, texts in zip(held, data.examples[name], strict=True):
            side.update(texts)
    train = data.examples["train"]
    assert not held[0] & set(train[0]) and not held[1] & set(train[1])
    assert len(data.train) > len(alone.train)


def test_files_are_reversed(tmp_path):
    pairs = toy_pairs.generate_pairs(60, 1)
    text = "".join(f"{b}\t{a}\n" for a, b in pairs)
    (tmp_path / "pairs.tsv").write_text(text, "utf-8")
    for i, side in enumerate(("target", "source")):
        lines = "".join(f"{pair[1 - i]}\n" for pair in pairs)
        (tmp_path / side).write_text(lines, "utf-8")
    one = {"vocabulary": 60, "target_vocabulary": 60}
    ahead = translation.load_data(path=tmp_path / "pairs.tsv", **one)
    for files in (
        {"path": tmp_path / "pairs.tsv"},
        {"source": tmp_path / "source", "target": tmp_path / "target"},
    ):
        turned = translation.load_data(**files, **one, reverse=True)
        for name, sides in ahead.examples.items():
            assert turned.examples[name] == sides[::-1]

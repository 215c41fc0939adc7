"""Tunes to ids and back, headers and lengths by request and by chance."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
import tunes

import seqapps
from seqapps.tasks import music
from seqapps.tasks.music.codec.notes import NoteCodec
from seqapps.tasks.music.notation import key_signature, spelling
from seqapps.tasks.music.rendering import layout


@pytest.fixture(scope="module")
def letters(data_dir):
    """14 of 17 tunes as characters, in pieces of 23."""
    return music.load_data(
        collection="ryan",
        data_dir=data_dir,
        limit=17,
        tokens="characters",
        window=23,
        batch_size=5,
    )


@pytest.mark.parametrize(
    "token, key, mode, expected",
    [
        ("A2", "D", "major", "G2"),
        ("=c", "D", "major", "_B"),
        ("^G,/2", "G", "major", "^C/2"),
        ("G", "G", "major", "c"),
        ("g3-", "G", "minor", "c'3-"),
        ("=B", "Bb", "major", "^c"),
        ("F#", "F#", "minor", "C#"),
        ("z2", "A", "dorian", "z2"),
        ("(3", "A", "dorian", "(3"),
        (":|", "A", "dorian", ":|"),
    ],
)
def test_notes_are_spelled_from_the_tonic(token, key, mode, expected):
    assert spelling.to_c(token, key, mode) == expected
    assert spelling.from_c(expected, key, mode) == token


@pytest.mark.parametrize(
    "key, mode",
    [
        (key, mode)
        for key in spelling.TONICS
        for mode in ("major", "minor", "dorian", "mixolydian")
        if abs(key_signature.fifths(key, mode)) <= 7
    ],
)
def test_spelling_goes_both_ways_in_every_key(key, mode):
    for token in ("C,", "^F", "_e2", "=b/2", "c'", "G4-"):
        moved = spelling.to_c(token, key, mode)
        if moved is not None:
            assert spelling.from_c(moved, key, mode) == token


def test_tunes_come_back_from_the_graph(toy):
    codec, tunes = toy.codec, toy.examples["train"]
    meters, fields, _ = codec.split_header(tf.constant(tunes))
    meters = [codec.meters.index(m.decode()) for m in meters.numpy()]
    names = [key_signature.key_field(*key) for key in codec.keys]
    keys = [names.index(f.decode()) for f in fields.numpy()]
    ids = codec.encode(tf.constant(tunes)).to_tensor()
    back = codec.decode(ids, tf.constant(meters), tf.constant(keys)).numpy()
    whole = 0
    for tune, decoded, row in zip(tunes, back, ids.numpy(), strict=True):
        if 2 not in row:  # no token that is rarer than the vocabulary
            body = decoded.decode().partition("\nK:")[2].split()
            assert body == tune.partition("\nK:")[2].split()
            whole += 1
    assert whole > 40


def test_a_tune_as_people_write_it_has_the_same_ids(toy):
    abc = toy.examples["train"][:7]
    beamed = []
    for tune in abc:
        head, body = tune.split("\nK:")
        field, body = body.split("\n", 1)
        body = layout.beamed(head.split("M:")[1].split()[0], body)
        beamed.append(f"{head}\nK:{field} % a comment\n{body}\n")
    assert beamed != abc
    ids = toy.codec.encode(tf.constant(abc)).to_list()
    assert toy.codec.encode(tf.constant(beamed)).to_list() == ids


def test_what_is_unknown_gets_an_id_behind_the_vocabulary():
    codec = tunes.codec()
    tokens = tf.constant(["C", "C7", "|", "C7", "G2"])
    for key in (0, 2):
        ids = codec.token_ids(tokens, tf.constant(key)).numpy().tolist()
        unknown = [i for i in ids if i >= len(codec)]
        assert unknown == [
            len(codec) + i for i, n in enumerate(ids) if n in unknown
        ]
        assert len(codec) + 1 in ids and len(codec) + 3 in ids
    for i, field in enumerate(codec.key_fields):
        assert codec.key_id(tf.constant(field)) == i
    assert codec.key_id(tf.constant("Q")) == -1


def test_characters_come_back_from_the_graph(letters):
    codec, abc = letters.codec, letters.examples["train"][:3]
    ids = codec.encode(tf.constant(abc)).to_tensor()
    fields, keys = zip(*(tune.split("\nK:") for tune in abc), strict=True)
    meters = [codec.meters.index(f.split("M:")[1].split()[0]) for f in fields]
    keys = [codec.key_fields.index(k.split("\n")[0]) for k in keys]
    back = codec.decode(ids, tf.constant(meters), tf.constant(keys))
    for tune, decoded, row in zip(abc, back.numpy(), ids.numpy(), strict=True):
        assert tunes.parts(decoded.decode()) == tunes.parts(tune)
        whole, field, tokens = tunes.parts(tune)
        read = b"".join(codec.vocabulary.strings(row).numpy()).decode()
        meter = tune.split("M:")[1].split()[0]
        body = " ".join(tokens)
        assert read.split("<end>")[0] == f"{meter}\n{field}\n{body}"


def test_windows_are_pieces_of_the_running_text(letters):
    whole = letters.codec.encode(tf.constant(letters.examples["train"]))
    running = whole.flat_values.numpy()
    assert letters.train.cardinality() == len(running) // (5 * 23)
    starts = []
    for x, y, weights in letters.train.take(3):
        assert x.shape == (5, 23, 1) and y.shape == (5, 23)
        assert (weights.numpy() == 1).all()
        x = x.numpy()[..., 0]
        assert (x[:, 1:] == y.numpy()[:, :-1]).all()
        views = np.lib.stride_tricks.sliding_window_view(running, 24)
        for row, last in zip(x, y.numpy()[:, -1], strict=True):
            places = np.flatnonzero((views == [*row, last]).all(1))
            assert len(places)
            starts.append(places[0])
    assert len(set(starts)) > 9
    x, y, weights = next(iter(letters.valid))  # whole tunes, padded
    assert (weights.numpy() == 0).any() and x.shape[1] > 23


@pytest.mark.parametrize(
    "kwargs", [{"window": 9}, {"window": -1, "tokens": "characters"}]
)
def test_windows_of_notes_are_refused(data_dir, kwargs):
    with pytest.raises(seqapps.InputError, match="window is|--data.window"):
        music.load_data(collection="ryan", data_dir=data_dir, **kwargs)


def test_a_network_of_characters_composes_what_it_likes(letters):
    model = tunes.Steered(letters.codec)
    model.like((lambda t: t == "A", 9), (lambda t: t == "<end>", 5))
    composer = music.Composer(model, letters.codec)
    request = {"key": "D", "meter": "6/8", "mode": "major"}
    for tune in composer.generate(**request, count=3, seed=1):
        assert tune.startswith("X:") and "\nM:6/8\nL:1/8\nK:D\n" in tune
        assert "AA" in tune
    for kwargs in ({"bars": 8}, {"form": "AABB"}, {"primer": tunes_primer()}):
        with pytest.raises(seqapps.InputError, match="network of characters"):
            composer.generate(**kwargs)


def tunes_primer():
    return "X:1\nM:6/8\nL:1/8\nK:D\nDED|"


def test_a_codec_survives_json(toy, letters):
    for data in (toy, letters):
        codec = data.codec
        config = json.dumps(keras.saving.serialize_keras_object(codec))
        again = keras.saving.deserialize_keras_object(json.loads(config))
        abc = tf.constant(data.examples["validation"][:5])
        assert type(again) is type(codec)
        assert again.get_config() == codec.get_config()
        assert again.vocabulary.tokens == codec.vocabulary.tokens
        assert again.encode(abc).to_list() == codec.encode(abc).to_list()
        drawn = codec.sample_bars(9, 1, 3)
        assert (again.sample_bars(9, 1, 3) == drawn).numpy().all()


def test_a_request_is_kept_and_the_rest_is_chosen(toy):
    codec = toy.codec
    meters, keys = codec.sample_headers(
        tf.constant("D"), tf.constant(""), tf.constant("6/8"), 50, 3
    )
    assert {codec.meters[m] for m in meters.numpy()} == {"6/8"}
    chosen = {codec.keys[k] for k in keys.numpy()}
    assert {key for key, _ in chosen} == {"D"}
    assert ("D", "major") in chosen


def test_bars_are_drawn_as_often_as_tunes_have_them():
    codec = NoteCodec(
        [["6/8", "G", "major", 3]], tunes.TOKENS, [[8, 1], [16, 3], [32, 0.001]]
    )
    sampled = codec.sample_bars(2000, 1, 5).numpy()
    assert set(sampled) <= {8, 16, 32}
    assert np.mean(sampled == 16) == pytest.approx(0.75, abs=0.04)
    assert set(codec.sample_bars(50, 9, 5).numpy()) <= {16, 32}
    assert set(codec.sample_bars(50, 33, 5).numpy()) == {36}
    assert set(codec.sample_bars(50, 37, 5).numpy()) == {40}


def test_a_key_without_a_signature_is_refused():
    headers = [["6/8", "G", "major", 3], ["6/8", "G#", "minor", 1]]
    tokens = ["A", "|", "||", "|]", "|:", ":|", "::", "[1", "[2"]
    codec = NoteCodec(headers, tokens, [[8, 1]])
    words = map(tf.constant, ("G#", "major", ""))
    with pytest.raises(tf.errors.InvalidArgumentError, match="no key signat"):
        codec.sample_headers(*words, 1, 0)
    chosen = codec.sample_headers(*map(tf.constant, ("G#", "", "")), 9, 0)[1]
    assert {codec.keys[k] for k in chosen.numpy()} == {("G#", "minor")}

import pytest
import tensorflow as tf

from seqapps.tasks.music import header, spelling


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
    assert spelling.relative(token, key, mode) == expected
    assert spelling.absolute(expected, key, mode) == token


@pytest.mark.parametrize(
    "key, mode",
    [
        (key, mode)
        for key in spelling.TONICS
        for mode in ("major", "minor", "dorian", "mixolydian")
        if abs(header.fifths(key, mode)) <= 7
    ],
)
def test_spelling_goes_both_ways_in_every_key(key, mode):
    for token in ("C,", "^F", "_e2", "=b/2", "c'", "G4-"):
        moved = spelling.relative(token, key, mode)
        if moved is not None:
            assert spelling.absolute(moved, key, mode) == token


def test_tunes_come_back_from_the_graph(toy):
    codec, tunes = toy.codec, toy.examples["train"]
    meters, fields, _ = codec.read(tf.constant(tunes))
    meters = [codec.meters.index(m.decode()) for m in meters.numpy()]
    names = [header.key_field(*key) for key in codec.keys]
    keys = [names.index(f.decode()) for f in fields.numpy()]
    ids = codec.encode(tf.constant(tunes)).to_tensor()
    back = codec.decode(ids, tf.constant(meters), tf.constant(keys)).numpy()
    whole = 0
    for tune, found, row in zip(tunes, back, ids.numpy(), strict=True):
        if 2 not in row:  # no token that is rarer than the vocabulary
            body = found.decode().partition("\nK:")[2].split()
            assert body == tune.partition("\nK:")[2].split()
            whole += 1
    assert whole > 40


def test_characters_come_back_from_the_graph(data_dir):
    from seqapps.tasks import music

    data = music.load_data(
        collection="ryan", data_dir=data_dir, limit=17, tokens="characters"
    )
    codec, tune = data.codec, data.examples["train"][0]
    ids = codec.encode(tf.constant([tune])).to_tensor()
    text = b"".join(codec.vocabulary.strings(ids[0, :-1]).numpy()).decode()
    head, body = tune.split("\nK:")
    meter = head.partition("M:")[2].partition("\n")[0]
    assert text == f"{meter}\n{body.strip()}"
    assert (
        codec.decode(ids, tf.constant([0]), tf.constant([0]))
        .numpy()[0]
        .decode()
        .split("\n", 5)[5]
        .strip()
        == body.partition("\n")[2].strip()
    )


def test_a_codec_survives_json(toy):
    import json

    import keras

    config = json.loads(
        json.dumps(keras.saving.serialize_keras_object(toy.codec))
    )
    again = keras.saving.deserialize_keras_object(config)
    tunes = tf.constant(toy.examples["validation"][:5])
    assert again.vocabulary.tokens == toy.codec.vocabulary.tokens
    assert again.encode(tunes).to_list() == toy.codec.encode(tunes).to_list()


def test_a_request_is_kept_and_the_rest_is_chosen(toy):
    codec = toy.codec
    meters, keys = codec.choose(
        tf.constant("D"), tf.constant(""), tf.constant("6/8"), 50, 3
    )
    assert {codec.meters[m] for m in meters.numpy()} == {"6/8"}
    chosen = {codec.keys[k] for k in keys.numpy()}
    assert {key for key, _ in chosen} == {"D"}
    assert ("D", "major") in chosen


def test_a_key_without_a_signature_is_refused():
    from seqapps.tasks.music.notes import NoteCodec

    headers = [["6/8", "G", "major", 3], ["6/8", "G#", "minor", 1]]
    tokens = ["A", "|", "||", "|]", "|:", ":|", "::", "[1", "[2"]
    codec = NoteCodec(headers, tokens, [[8, 1]])
    words = map(tf.constant, ("G#", "major", ""))
    with pytest.raises(tf.errors.InvalidArgumentError, match="no key signat"):
        codec.choose(*words, 1, 0)
    chosen = codec.choose(*map(tf.constant, ("G#", "", "")), 9, 0)[1]
    assert {codec.keys[k] for k in chosen.numpy()} == {("G#", "minor")}

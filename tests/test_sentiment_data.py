"""Texts to numbers, files to batches, and what is refused."""

import gzip
import json

import keras
import numpy as np
import pytest
import reviews
import tensorflow as tf

import seqapps
from seqapps.errors import InputError
from seqapps.tasks import sentiment
from seqapps.tasks.sentiment import collection
from seqapps.tasks.sentiment.codec import vocabulary
from seqapps.tasks.sentiment.codec.base import (
    TextCodec,
    log_count_ratios,
    ngram_keys,
)
from seqapps.tasks.sentiment.importers import soft_labels, splitting


def words(text, **kwargs):
    codec = TextCodec(["a", "b"], [], **kwargs)
    (row,) = codec.split(tf.constant([text])).to_list()
    return [word.decode() for word in row]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("", ""),
        (" \n\t\u00a0", ""),
        ("Good, not bad!", "Good , not bad !"),
        ("don\u2019t 'quote' it's", "don't ' quote ' it's"),
        ("one<br />two<BR>three", "one two three"),
        ("7/10... caf\u00e9 \u00fcber", "7 / 10 . . . caf\u00e9 \u00fcber"),
        ("fine\N{GRINNING FACE}film", "fine \N{GRINNING FACE} film"),
        (b"bad \xff\xfe bytes", "bad \ufffd \ufffd bytes"),
        ("nul\0byte", "nul byte"),
    ],
    ids=repr,
)
def test_words_and_marks(text, expected):
    assert words(text) == expected.split()


def test_long_texts_keep_head_and_tail():
    codec = TextCodec(["a", "b"], list("abcdefg"), head=2, tail=3)
    rows = codec.encode(tf.constant(["a b c d e f g", "a b c d e", "a b", ""]))
    assert rows[..., 0].to_list() == [
        [3, 4, 7, 8, 9],
        [3, 4, 5, 6, 7],
        [3, 4],
        [],
    ]
    assert codec.inputs(tf.constant([""])).shape == (1, 1, 1)


def test_ngrams_are_numbered_by_their_keys():
    first = TextCodec(["a", "b"], ["not", "so", "bad"])
    ids = np.array([3, 4, 5, 3, 5, 2, 4])  # "not so bad", "not bad ? so"
    rows = np.array([0, 0, 0, 1, 1, 1, 1])
    pairs, places = ngram_keys(ids, rows, 2, first.base)
    triples, _ = ngram_keys(ids, rows, 3, first.base)
    assert places.tolist() == [0, 0, 1]
    base = first.base
    assert pairs.tolist() == [3 * base + 4, 4 * base + 5, 3 * base + 5]
    assert triples.tolist() == [(3 * base + 4) * base + 5]
    known = [3 * base + 5, triples[0]]
    codec = TextCodec(["a", "b"], ["not", "so", "bad"], known, [1, 2], order=3)
    rows = codec.encode(tf.constant(["Not so bad", "not bad qwertz not bad"]))
    assert len(codec) == 8 and codec.columns == 3
    assert rows.to_list() == [
        [[3, 0, 0], [4, 0, 0], [5, 0, 7]],
        [[3, 0, 0], [5, 6, 0], [2, 0, 0], [3, 0, 0], [5, 6, 0]],
    ]
    again = TextCodec.from_config(codec.get_config())
    assert again.get_config() == codec.get_config()


def test_an_ngram_that_one_class_has_tells_more():
    counts = np.array([[3, 0], [1, 1], [0, 1]])  # of two classes
    own, other = np.array([4, 2, 1]) / 7, np.array([1, 2, 2]) / 5
    np.testing.assert_allclose(
        log_count_ratios(counts), abs(np.log(own / other))
    )
    three = np.array([[3, 0, 0], [0, 2, 0], [1, 1, 1]])
    first = abs(np.log(np.array([4, 1, 2]) / 7 / (np.array([1, 3, 3]) / 7)))
    assert (log_count_ratios(three) >= first - 1e-12).all()


def test_ratios_count_texts_not_words():
    texts = ["so so so so good", "so so bad", "so bad", "so good"]
    codec = vocabulary.build_codec(
        texts,
        np.eye(2)[[1, 0, 0, 1]],
        TextCodec(["neg", "pos"], []),
        vocabulary.VocabularyLimits(9, 9, 2, 2),
    )
    names = {i: word for i, word in enumerate(codec._words.tokens)}
    pairs = [divmod(key, codec.base) for key in codec.ngrams]
    pairs = [f"{names[a]} {names[b]}" for a, b in pairs]
    assert pairs == ["so so", "so bad", "so good"]
    # a text of each class has "so so"; two of one have the others
    p, q = np.array([2, 3, 1]) / 6, np.array([2, 1, 3]) / 6
    np.testing.assert_allclose(codec.ratios, abs(np.log(p / q)), atol=6e-4)


def test_ratios_count_shares_of_texts():
    """A text that is one quarter positive counts so to each class."""
    codec = vocabulary.build_codec(
        ["so good", "so bad", "so good", "so bad"],
        np.array([[0.25, 0.75], [1, 0], [0.25, 0.75], [1, 0]]),
        TextCodec(["neg", "pos"], []),
        vocabulary.VocabularyLimits(9, 9, 2, 2),
    )
    p, q = np.array([1, 2.5]) / 3.5, np.array([3, 1.5]) / 4.5
    np.testing.assert_allclose(codec.ratios, abs(np.log(p / q)), atol=6e-4)


def test_case_can_matter():
    codec = TextCodec(["a", "b"], ["Good", "\u00fcber"], cased=True)
    rows = codec.encode(tf.constant(["Good good \u00dcBER"]))
    assert rows[..., 0].to_list() == [[3, 2, 2]]
    codec = TextCodec(["a", "b"], ["good", "\u00fcber"])
    rows = codec.encode(tf.constant(["Good good \u00dcBER"]))
    assert rows[..., 0].to_list() == [[3, 3, 4]]


def test_a_megabyte_of_text_is_cut():
    codec = TextCodec(["a", "b"], ["a"], head=5, tail=6)
    assert codec.inputs(tf.constant(["a b " * 250_000])).shape == (1, 11, 1)


def load(path, **kwargs):
    return sentiment.load_data(path=path, batch_size=16, **kwargs)


def test_every_text_is_in_one_split_and_twins_in_the_same(tmp_path):
    path = reviews.write(tmp_path / "all.csv", 300)
    data = load(path)
    texts = {name: rows[0] for name, rows in data.examples.items()}
    everything = sum(texts.values(), [])
    assert sorted(everything) == sorted(text for text, _ in reviews.rows(300))
    assert len(set(everything)) < len(everything)  # there are twins
    for one, two in (("train", "test"), ("train", "validation")):
        assert not set(texts[one]) & set(texts[two])
    rows = sum(len(y) for _, y in data.train)
    assert rows == len(texts["train"])
    assert load(path).examples == data.examples
    assert load(path, seed=1).examples != data.examples


def test_own_files_of_every_kind_are_the_same(tmp_path):
    rows = reviews.rows(60)
    reviews.write(tmp_path / "a.csv", 60)
    (tmp_path / "b.jsonl").write_text(
        "".join(json.dumps({"text": t, "label": n}) + "\n" for t, n in rows)
    )
    (tmp_path / "c.tsv").write_text(
        "label\ttext\n" + "".join(f"{n}\t{t}\n" for t, n in rows)
    )
    (tmp_path / "d.train").write_text("".join(f"{n} {t}\n" for t, n in rows))
    for i, (text, name) in enumerate(rows):
        (tmp_path / "e" / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / "e" / name / f"{i:03}.txt").write_text(text)
    expected = load(tmp_path / "a.csv").examples
    for name in ("b.jsonl", "c.tsv", "d.train"):
        assert load(tmp_path / name).examples == expected
    folder = load(tmp_path / "e").examples
    assert sorted(folder["train"][0]) == sorted(expected["train"][0])


def test_validation_and_test_can_be_given(tmp_path):
    path = reviews.write(tmp_path / "a.csv", 60)
    other = reviews.write(tmp_path / "b.csv", 20, seed=1)
    last = reviews.write(tmp_path / "c.csv", 24, seed=2)
    data = load(path, valid_path=other, test_path=last)
    sizes = {name: len(rows[0]) for name, rows in data.examples.items()}
    assert sizes == {"train": 60, "validation": 20, "test": 24}


BAD = [
    ("a.csv", "text,mark\na,b\n", "no column 'label'"),
    ("a.csv", "text,label\na,b\nc,d,e\n", "row 3: 3 fields"),
    ("a.csv", "text,label\na,b\nc,\n", "row 3: the label is missing"),
    ("a.csv", "text,text,label\na,b,c\n", "two columns"),
    ("a.csv", "", "is empty"),
    ("a.csv", "text,label\n", "no texts"),
    ("a.jsonl", '{"text": "a", "label": "b"}\n{"te', "row 2"),
    ("a.jsonl", '{"text": "a"}\n', "row 1 has no column 'label'"),
    ("a.jsonl", "[1]\n", "row 1 is no JSON object"),
    ("a.txt", "pos fine\nneg\n", "line 2"),
    ("none.csv", None, "there is no"),
]


@pytest.mark.parametrize("name, content, said", BAD, ids=str)
def test_bad_files_say_what_is_wrong_and_where(tmp_path, name, content, said):
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(seqapps.InputError, match=said):
        load(tmp_path / name)


def test_one_class_and_empty_classes_are_refused(tmp_path):
    path = tmp_path / "a.csv"
    rows = "".join(f"text {i},pos\n" for i in range(99))
    path.write_text("text,label\n" + rows)
    with pytest.raises(seqapps.InputError, match="one class, 'pos'"):
        load(path)
    (tmp_path / "b/pos").mkdir(parents=True)
    (tmp_path / "b/neg").mkdir()
    (tmp_path / "b/pos/1.txt").write_text("fine")
    with pytest.raises(seqapps.InputError, match="neg has no .txt files"):
        load(tmp_path / "b")
    (tmp_path / "c").mkdir()
    with pytest.raises(seqapps.InputError, match="no folders"):
        load(tmp_path / "c")


@pytest.mark.parametrize(
    "kwargs",
    [
        {"batch_size": 0},
        {"head": 0, "tail": 0},
        {"validation": 1.0},
        {"vocabulary": 0},
        {"order": 5},
    ],
    ids=str,
)
def test_senseless_numbers_are_refused(tmp_path, kwargs):
    path = reviews.write(tmp_path / "a.csv", 60)
    name = next(iter(kwargs))
    with pytest.raises(seqapps.InputError, match=f"{name} is|--data.{name}"):
        sentiment.load_data(path=path, **kwargs)


def test_what_cannot_be_had_says_what_to_do(monkeypatch, tmp_path):
    import tensorflow_datasets as tfds

    def builder(name, data_dir):
        raise ConnectionError("no network\nat all")

    monkeypatch.setattr(tfds, "builder", builder)
    with pytest.raises(seqapps.InputError, match="--data.data-dir") as error:
        sentiment.load_data(data_dir=tmp_path)
    assert "no network)" in str(error.value)


def test_without_a_network_nothing_is_tried(monkeypatch, tmp_path):
    def nowhere(*_):
        raise OSError("no such name")

    monkeypatch.setattr("socket.getaddrinfo", nowhere)
    monkeypatch.setattr("urllib.request.getproxies", dict)
    with pytest.raises(seqapps.InputError, match="there is no network"):
        sentiment.load_data(data_dir=tmp_path)


@pytest.mark.parametrize("name", ["spare.csv", "spare.txt", "spare"])
def test_texts_without_a_class_come_from_files_of_every_kind(tmp_path, name):
    texts = ["A zany film.", "It drags, badly.", "zany, zany"]
    path = tmp_path / name
    if name == "spare":
        path.mkdir()
        for i, text in enumerate(texts):
            (path / f"{i}.txt").write_text(text)
    elif name.endswith("csv"):
        lines = "".join(f'{i},"{text}"\n' for i, text in enumerate(texts))
        path.write_text(f"id,text\n{lines}")
    else:
        path.write_text("\n".join([*texts, "", " "]))
    toy = reviews.write(tmp_path / "toy.csv", 60)
    data = sentiment.load_data(path=toy, unlabelled=str(path))
    assert data.examples["unlabelled"][0] == texts
    assert "zany" in data.codec.words and "drags" not in data.codec.words
    assert "zany" not in sentiment.load_data(path=toy).codec.words


def test_a_teacher_gives_texts_their_classes(tmp_path):
    class Codec(tf.Module):
        pass

    class Teacher:
        """Positive is what has an exclamation mark; surely, if two."""

        model = keras.Sequential([keras.layers.Dense(1)])
        codec = Codec()

        def __init__(self):
            self.model.build((1, 1))

            def classify(texts):
                marks = tf.strings.length(
                    tf.strings.regex_replace(texts, "[^!]", "")
                )
                chance = tf.minimum(tf.cast(marks, tf.float32) * 0.4, 0.9)
                chance = tf.where(marks > 0, chance + 0.15, 0.1)
                return {
                    "probabilities": tf.stack([1 - chance, chance], 1),
                    "labels": tf.constant(["neg", "pos"]),
                }

            spec = tf.TensorSpec([None], tf.string)
            self.functions = {"classify": tf.function(classify, [spec])}

    seqapps.save(Teacher(), tmp_path / "teacher")
    spare = tmp_path / "spare.txt"
    spare.write_text("so zany\nzany !\nvery zany !!\n")
    toy = reviews.write(tmp_path / "toy.csv", 60)
    taught = {"teacher": tmp_path / "teacher", "unlabelled": str(spare)}
    data = sentiment.load_data(path=toy, **taught, sure=0.8)
    texts, labels = data.examples["train"]
    assert texts[-2:] == ["so zany", "very zany !!"]
    assert labels[-2:] == ["neg", "pos"]
    assert int(data.train.cardinality()) == -(-len(texts) // 32)
    with pytest.raises(InputError, match="unlabelled"):
        sentiment.load_data(path=toy, teacher=tmp_path / "teacher")
    with pytest.raises(InputError, match="nowhere"):
        sentiment.load_data(path=toy, unlabelled=str(tmp_path / "nowhere"))


@pytest.mark.parametrize("seed", range(9))
@pytest.mark.parametrize("labels", ["ppq", "ppqqp", "pq" * 9 + "r"])
def test_few_texts_fill_both_splits_and_every_class_trains(labels, seed):
    rows = [(f"text {i}", label) for i, label in enumerate(labels)]
    parts = splitting.split_texts(rows, 0.1, seed)
    assert all(parts.values())
    assert {label for _, label in parts["train"]} == set(labels)


@pytest.mark.parametrize(
    "rows", [[("a", "p")] * 3, [("a", "p"), ("b", "q")], [("a", "p")]]
)
def test_texts_that_cannot_be_split_are_refused(rows):
    with pytest.raises(InputError, match="too few to set"):
        splitting.split_texts(rows, 0.1, 0)


def write_soft(path, rows):
    lines = [
        json.dumps({"text": text, "probabilities": given})
        for text, given in rows
    ]
    data = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("name", ["soft.jsonl", "soft.jsonl.gz"])
def test_a_file_gives_texts_their_probabilities(tmp_path, name):
    toy = reviews.write(tmp_path / "toy.csv", 60)
    rows = [("so zany", {"pos": 0.25, "neg": 0.75}), ("zany zeal", {"pos": 1})]
    soft = write_soft(tmp_path / name, rows * 3)
    data = load(toy, teacher=soft, ngrams=90)
    plain = load(toy).examples
    assert data.examples["train"] == plain["train"]
    assert data.examples["soft"][0] == ["so zany", "zany zeal"] * 3
    targets = np.concatenate([y for _, y in data.train])
    assert len(targets) == len(plain["train"][0]) + 6
    assert data.train.element_spec[1].shape.as_list() == [None, 2]
    np.testing.assert_allclose(targets.sum(1), 1)
    assert (targets == [0.75, 0.25]).all(1).sum() == 3
    for held_out in (data.valid, data.test):
        assert {tuple(row) for _, y in held_out for row in y.numpy()} == {
            (0, 1),
            (1, 0),
        }
    assert "zany" in data.codec.words  # of the hard classes: neg, pos
    ids = {word: i for i, word in enumerate(data.codec._words.tokens)}
    keys = {
        pair: ids[pair.split()[0]] * data.codec.base + ids[pair.split()[1]]
        for pair in ("so zany", "zany zeal")
    }
    assert set(keys.values()) <= set(data.codec.ngrams)
    sure = load(toy, teacher=soft, sure=0.8).examples
    assert sure["train"][1][-3:] == ["pos"] * 3 and "soft" not in sure
    assert sure["train"][0][-3:] == ["zany zeal"] * 3


BAD_SOFT = [
    ('{"text": "a", "probabilities": {"pos": 0.5}}', "sum to 0.5, not to 1"),
    ('{"text": "a", "probabilities": {"pos": 0.6, "neg": 0.6}}', "sum to 1.2"),
    ('{"text": "a", "probabilities": {"pos": 2, "neg": -1}}', "from 0 to 1"),
    ('{"text": "a", "probabilities": {"pos": NaN, "neg": 1}}', "from 0 to 1"),
    ('{"text": "a", "probabilities": {"pos": "1"}}', "'pos' must be a number"),
    ('{"text": "a", "probabilities": {"meh": 1}}', "the class 'meh'"),
    ('{"text": "a", "probabilities": [0.5, 0.5]}', "must be like"),
    ('{"text": 1, "probabilities": {"pos": 1}}', "must be like"),
    ('{"text": "a", "label": "pos"}', "must be like"),
    ('{"text": "a"', "is no JSON object"),
]


@pytest.mark.parametrize("line, said", BAD_SOFT, ids=lambda x: x[-24:])
def test_a_bad_line_of_probabilities_is_named(tmp_path, line, said):
    path = tmp_path / "soft.jsonl"
    good = '{"text": "b", "probabilities": {"pos": 1}}'
    path.write_text(f"{good}\n\n{line}\n{good}\n")
    with pytest.raises(InputError, match=f"soft.jsonl line 3.*{said}"):
        soft_labels.read_soft_labels(path, ["neg", "pos"])


def test_files_of_no_probabilities_are_refused(tmp_path):
    toy = reviews.write(tmp_path / "toy.csv", 60)
    for name, said in (("none.jsonl", "no file"), ("bare.jsonl", "no texts")):
        (tmp_path / "bare.jsonl").write_text("\n")
        with pytest.raises(InputError, match=said):
            load(toy, teacher=tmp_path / name)


def test_soft_texts_are_learned(tmp_path):
    """The network comes to give the probabilities that it was given."""
    toy = reviews.write(tmp_path / "toy.csv", 60)
    given = {"zany": 0.3, "zeal": 0.9}
    rows = [(text, {"pos": p, "neg": 1 - p}) for text, p in given.items()]
    soft = write_soft(tmp_path / "soft.jsonl", rows * 40)
    data = load(toy, teacher=soft)
    keras.utils.set_random_seed(0)
    model = sentiment.build_model(
        data.codec, kind="bag", embedding=3, dropout=0.0
    )
    model.optimizer.learning_rate = 0.1
    model.fit(data.train, epochs=12, shuffle=False, verbose=0)
    said = sentiment.Classifier(model, data.codec).classify(["zany", "zeal"])
    chances = [row[1] for row in said["probabilities"]]
    np.testing.assert_allclose(chances, list(given.values()), atol=0.06)


def test_a_network_of_probabilities_says_so_in_its_measures(tmp_path):
    data = load(reviews.write(tmp_path / "toy.csv", 60))
    model = sentiment.build_model(data.codec, kind="bag", embedding=3)
    measures = model.evaluate(data.valid, verbose=0, return_dict=True)
    logits = np.concatenate([model(x) for x, _ in data.valid])
    y = np.concatenate([y for _, y in data.valid])
    correct = logits.argmax(-1) == y.argmax(-1)
    assert measures["accuracy"] == pytest.approx(correct.mean())
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    loss = -(y * log_p).sum(-1).mean()
    assert measures["loss"] == pytest.approx(loss, rel=1e-5)


def test_texts_of_a_file_are_validated_on_beside_a_dataset(
    tmp_path, monkeypatch
):
    rows = reviews.rows(60)
    monkeypatch.setattr(
        collection, "load_collection", lambda *_: {"train": rows, "test": rows}
    )
    more = reviews.write(tmp_path / "more.csv", 7)
    alone = sentiment.load_data(batch_size=16)
    both = sentiment.load_data(batch_size=16, valid_path=more)
    expected = [*alone.examples["validation"][0]]
    expected += [text for text, _ in reviews.rows(7)]
    assert both.examples["validation"][0] == expected
    assert both.examples["train"] == alone.examples["train"]
    assert sum(len(y) for _, y in both.valid) == len(expected)

"""Sub-words in the graph, against the library that learned them."""

import io
from pathlib import Path

import numpy as np
import pytest
import sentencepiece
import tensorflow as tf

from seqapps.errors import InputError
from seqapps.tasks.translation.codec import learning, subwords
from seqapps.tasks.translation.codec.base import PairCodec, shift_right
from seqapps.tasks.translation.importers import toy_pairs

SHARED = Path(__file__).parents[2] / "shared" / "data"
SMALL = {"▁a": -1.0, "b": -2.0, "▁": -3.0, "a": -3.5, "ab": -2.2, "▁ab": -4.0}


@pytest.fixture(scope="module")
def texts():
    return [text for text, _ in toy_pairs.generate_pairs(300, 5)]


@pytest.fixture(scope="module")
def learned(texts):
    return learning.train_tokenizer(texts, 60, "source")


def small():
    return subwords.SubwordTokenizer(list(SMALL), list(SMALL.values()))


def library(texts, size):
    """The library's own numbers of texts."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=model,
        vocab_size=size + 1,
        model_type="unigram",
        character_coverage=1.0,
        normalization_rule_name="identity",
        bos_id=-1,
        eos_id=-1,
        unk_id=0,
        num_threads=1,
        minloglevel=5,
    )
    made = sentencepiece.SentencePieceProcessor()
    made.LoadFromSerializedProto(model.getvalue())
    return [[i + 2 for i in ids] for ids in made.encode(list(texts))]


def test_cuts_as_the_library_does(texts, learned):
    assert len(learned) == 63
    assert learned.encode_many(texts).to_list() == library(texts, 60)


@pytest.mark.data
@pytest.mark.skipif(not SHARED.exists(), reason="no ../shared/data here")
def test_cuts_captions_as_the_library_does():
    with (SHARED / "multi30k" / "train.de").open(encoding="utf-8") as lines:
        texts = [" ".join(line.split()) for line in lines][:8000]
    learned = learning.train_tokenizer(texts, 3000, "source")
    assert learned.encode_many(texts).to_list() == library(texts, 3000)


def test_joins_what_it_cut(texts, learned):
    ids = learned.encode_many(texts).to_tensor(0)
    said = [text.decode() for text in learned.decode(ids).numpy()]
    assert said == [" ".join(text.split()) for text in texts]


def test_the_best_cut_of_a_word():
    made = small()
    names = np.array(made.names)
    (ids,) = made.encode(tf.constant(["abab"])).to_list()
    # -1 - 2 - 2.2 is more than -4 - 2.2 and than -3 - 2.2 - 2.2
    assert names[ids].tolist() == ["▁a", "b", "ab"]


def test_cuts_by_chance_are_as_likely_as_they_should_be():
    made = small()
    words = tf.constant(["ab"] * 4000)
    rows = made.encode(words, 0.7, tf.constant([3, 5])).to_list()
    ways = {}
    for ids in rows:
        ways[tuple(ids)] = ways.get(tuple(ids), 0) + 1 / 4000
    score = {i + 3: s for i, s in enumerate(SMALL.values())}
    expected = {
        cut: np.exp(0.7 * sum(score[i] for i in cut))
        for cut in [(3, 4), (8,), (5, 7), (5, 6, 4)]
    }
    total = sum(expected.values())
    assert ways.keys() == expected.keys()
    for cut, share in ways.items():
        assert share == pytest.approx(expected[cut] / total, abs=0.025)
    again = made.encode(words, 0.7, tf.constant([3, 5])).to_list()
    other = made.encode(words, 0.7, tf.constant([3, 6])).to_list()
    assert rows == again != other


def test_any_bytes_have_numbers():
    made = small()
    strange = [b"", b" ", b"\xff\xfe", "Я ▁ a\xa0b".encode(), b"\x00a\tb\n"]
    rows = made.encode(tf.constant(strange)).to_list()
    assert rows[:2] == [[], []]
    assert rows[2] == [5, 2, 2]  # each byte that is none of UTF-8
    assert rows[3] == [5, 2, 5, 2, 3, 5, 4]
    assert rows[4] == [3, 5, 4]
    alone = [made.encode(tf.constant([text])).to_list()[0] for text in strange]
    assert alone == rows


def test_as_many_sub_words_as_the_text_gives(texts, capsys):
    made = learning.train_tokenizer(texts[:20], 5000, "source")
    assert (
        f"the source gives {len(made) - 3} sub-words" in capsys.readouterr().err
    )
    assert 20 < len(made) < 500
    with pytest.raises(InputError, match="target .* --data.vocabulary"):
        learning.train_tokenizer(texts, 4, "target")


def test_a_source_is_read_to_its_limit_and_ended():
    config = small().get_config()
    codec = PairCodec(config, config, longest=5)
    ids = codec.inputs(tf.constant(["a", "ab " * 40, ""])).numpy()
    assert ids.shape == (3, 6)
    assert ids[0].tolist() == [3, 1, 0, 0, 0, 0]
    assert ids[1, -1] == 1 and (ids[1, :5] > 2).all()
    assert ids[2].tolist() == [1, 0, 0, 0, 0, 0]
    assert codec.inputs(tf.constant(["x" * 10**6])).shape == (1, 6)
    again = PairCodec.from_config(codec.get_config())
    np.testing.assert_array_equal(ids[:1], again.inputs(["a", "b b b"])[:1])
    assert shift_right(tf.constant([[3, 4, 1]])).numpy().tolist() == [[1, 3, 4]]

"""Word vectors of a file, as the start of a classifier's training."""

import gzip

import numpy as np
import pytest
import reviews

from seqapps.errors import InputError
from seqapps.tasks import sentiment
from seqapps.tasks.sentiment.importers.word_vectors import read_word_vectors

IDS = {"good": 3, "bad": 4, "film": 5}
LINES = ["good 1 2.5 -3", "film 0 0 1e-2", "other 9 9 9", "good 7 7 7"]


def write(path, lines):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("name", ["vectors.txt", "vectors.vec.gz"])
@pytest.mark.parametrize("first", [[], ["4 3"]])
def test_vectors_of_the_vocabulary_are_read(tmp_path, name, first):
    path = write(tmp_path / name, first + LINES)
    ids, vectors = read_word_vectors(path, IDS, 3)
    assert ids.tolist() == [3, 5]
    np.testing.assert_allclose(vectors, [[1, 2.5, -3], [0, 0, 0.01]])


@pytest.mark.parametrize(
    "lines, message",
    [
        (["good 1 2"], "line 1: 2 numbers after the word"),
        (["film 1 2 3", "good 1 2 3 4"], "line 2: 4 numbers"),
        (["good 1 2 x"], "line 1: no vector of 'good'"),
        (["good 1 2 nan"], "line 1: no vector of 'good'"),
        (["other 1 2 3"], "no word of the vocabulary"),
    ],
)
def test_other_files_are_refused(tmp_path, lines, message):
    path = write(tmp_path / "vectors.txt", lines)
    with pytest.raises(InputError, match=message):
        read_word_vectors(path, IDS, 3)


def test_a_missing_or_binary_file_is_named(tmp_path):
    with pytest.raises(InputError, match="none.txt"):
        read_word_vectors(tmp_path / "none.txt", IDS, 3)
    path = tmp_path / "model.bin"
    path.write_bytes(b"3 \xff\xfe\x00\n")
    with pytest.raises(InputError, match="model.bin"):
        read_word_vectors(path, IDS, 3)


def test_training_begins_with_them(tmp_path):
    data = sentiment.load_data(path=reviews.write(tmp_path / "toy.csv"))
    model = sentiment.build_model(data.codec, units=2, embedding=3)
    before = model.embed.embeddings.numpy()
    sentiment.fit(
        model,
        data,
        tmp_path / "run",
        epochs=1,
        learning_rate=1e-9,
        vectors=write(tmp_path / "vectors.txt", LINES),
    )
    after = model.embed.embeddings.numpy()
    row = data.codec.words.index("good") + 3
    np.testing.assert_allclose(after[row], [1, 2.5, -3], atol=1e-5)
    row = data.codec.words.index("bad") + 3
    np.testing.assert_allclose(after[row], before[row], atol=1e-5)

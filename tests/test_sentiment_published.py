"""The published collections, where they are at hand."""

from pathlib import Path

import pytest

from seqapps.tasks import sentiment

SHARED = Path(__file__).parents[2] / "shared" / "data"
IMDB, SST = SHARED / "tfds", SHARED / "sst"


def at_hand(path):
    return pytest.mark.skipif(not path.exists(), reason=f"no {path.name} here")


@pytest.mark.data
@pytest.mark.slow
@at_hand(IMDB / "imdb_reviews")
def test_reviews_are_split_off_training_alone():
    data = sentiment.load_data(data_dir=IMDB, vocabulary=100, batch_size=64)
    texts = {name: rows[0] for name, rows in data.examples.items()}
    assert len(texts["test"]) == 25_000
    assert len(texts["train"]) + len(texts["validation"]) == 25_000
    assert 2_200 < len(texts["validation"]) < 2_800
    assert not set(texts["train"]) & set(texts["validation"])
    assert data.codec.labels == ["neg", "pos"]


@pytest.mark.data
@at_hand(SST)
def test_sentences_come_as_they_are_published():
    names = ("train", "dev", "test")
    train, valid, test = (SST / f"stsa.binary.{name}" for name in names)
    data = sentiment.load_data(path=train, valid_path=valid, test_path=test)
    sizes = {name: len(rows[0]) for name, rows in data.examples.items()}
    assert sizes == {"train": 6920, "validation": 872, "test": 1821}
    assert data.codec.labels == ["0", "1"]

"""The heads of benchmarks/polyphony are distributions over frames."""

import itertools
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.io

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT))

from benchmarks.polyphony import data, network  # noqa: E402

KEYS = 5


@pytest.mark.parametrize(
    "model",
    [
        network.Independent(KEYS, 3, 1, 0.0),
        network.RecurrentNADE(KEYS, 3, 1, 0.0, 4),
        network.TiedKeys(KEYS, 3, 1, 0.0, 4, 3, 2),
    ],
    ids=lambda model: type(model).__name__,
)
def test_the_probabilities_of_all_frames_sum_to_one(model):
    rng = np.random.default_rng(0)
    past = rng.random((3, KEYS)) > 0.5
    frames = list(itertools.product([0, 1], repeat=KEYS))
    y = np.zeros((len(frames), 3, KEYS), "float32")
    y[:, 2] = frames
    x = np.broadcast_to(past, y.shape)
    inputs = np.concatenate([x, y], -1).astype("float32")
    nats = network.FrameLoss().call(y, model(inputs)).numpy()[:, 2]
    assert np.exp(-nats).sum() == pytest.approx(1, rel=1e-5)
    # and no frame sees one that comes later
    later = inputs.copy()
    later[:, 2, :KEYS] = 1 - later[:, 2, :KEYS]
    before = network.FrameLoss().call(y, model(inputs)).numpy()[:, :2]
    after = network.FrameLoss().call(y, model(later)).numpy()[:, :2]
    np.testing.assert_allclose(before, after, rtol=1e-5)


def test_windows_and_pieces(tmp_path):
    rng = np.random.default_rng(1)

    def pieces(count):
        rolls = np.empty((1, count), object)
        for i in range(count):
            roll = rng.random((7 + 5 * i, data.KEYS)) < 0.1
            roll[:, :20] = roll[:, 60:] = 0
            rolls[0, i] = roll.astype(np.uint8)
        return rolls

    splits = {
        "traindata": pieces(4),
        "validdata": pieces(2),
        "testdata": pieces(3),
    }
    scipy.io.savemat(tmp_path / "JSB_Chorales.mat", splits)
    loaded = data.load_data(
        folder=tmp_path, window=10, batch_size=3, transpose=4, multiple=8
    )
    sizes = []  # of the batches of eight windows, twice
    for x, y, weights in loaded.start(0, 1).take(6):
        sizes.append(x.shape[0])
        assert x.shape[1:] == (10, 2 * data.KEYS)
        past, target = np.split(x.numpy(), 2, -1)
        assert (target == y.numpy()).all()
        assert (past[:, 1:] == target[:, :-1]).all()
        assert not y.numpy()[weights.numpy() == 0].any()
        assert not y.numpy()[..., :16].any() and not y.numpy()[..., 64:].any()
    assert sorted(sizes[:3]) == sorted(sizes[3:]) == [2, 3, 3]
    steps = [int(w.numpy().sum()) for _, _, w in loaded.test]
    assert steps == [6, 11, 16]
    assert [w.shape[1] for _, _, w in loaded.test] == [8, 16, 16]
    for (_, y, w), roll in zip(
        loaded.test, splits["testdata"].flat, strict=True
    ):
        assert (y.numpy()[w.numpy() > 0] == roll[1:]).all()

"""What tests share: quiet TensorFlow, a small collection, the command line."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a job in background
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def one_share(monkeypatch):
    """A batch is walked in one piece: uneven ones are compiled one by one."""
    from seqapps.layers.walks.bptt import on_tensorflow

    monkeypatch.setattr(on_tensorflow, "_part_count", lambda batch: 1)


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory) -> Path:
    """A folder with Ryan's collection, prepared once."""
    from seqapps.tasks.music import collection

    folder = tmp_path_factory.mktemp("tfds")
    collection.prepare("ryan", folder)
    return folder


@pytest.fixture(scope="session")
def toy(data_dir):
    """53 of 61 tunes, for 8 are minor: batches of 8, and the last has 5."""
    from seqapps.tasks import music

    return music.load_data(
        collection="ryan", data_dir=data_dir, limit=61, batch_size=8
    )


@pytest.fixture(scope="session")
def _one_room():
    """The loop has one size for nearly all lengths, and is compiled once."""
    from seqapps.tasks.music.composing import request

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(request, "_LENGTH_MULTIPLE", 4096)
        yield


@pytest.fixture(scope="session")
def network(toy):
    """An untrained network of the toy collection."""
    import keras

    from seqapps.tasks import music

    keras.utils.set_random_seed(0)
    return music.build_model(
        toy.codec, units=13, embedding=7, layers=2, dropout=0.0
    )


@pytest.fixture(scope="session")
def composer(network, toy, _one_room):
    """Its composer."""
    from seqapps.tasks import music

    return music.Composer(network, toy.codec)


@pytest.fixture(scope="session")
def saved(composer, tmp_path_factory):
    """Where it lies, saved."""
    import seqapps

    folder = tmp_path_factory.mktemp("models") / "music" / "1"
    return seqapps.save(composer, folder, {"task": "music"})


@pytest.fixture(scope="session")
def loaded(saved):
    """The saved composer."""
    import seqapps

    return seqapps.load(saved)


@pytest.fixture(scope="session")
def _steered(_one_room):
    import tunes

    from seqapps.tasks import music

    codec = tunes.codec()
    return music.Composer(tunes.Steered(codec), codec)


@pytest.fixture
def steered(_steered):
    """A composer of many metres and keys whose `model.like` steers it."""
    _steered.model.like()
    return _steered


@pytest.fixture(scope="session")
def command():
    """Runs the command line in a process of its own."""

    def run(*words, cwd, module="seqapps.tasks.music", **kwargs):
        return subprocess.run(
            [sys.executable, "-m", module, *map(str, words)],
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=240,
            **kwargs,
        )

    return run

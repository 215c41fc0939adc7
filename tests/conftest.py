"""What tests share: quiet TensorFlow, a small collection, the command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory) -> Path:
    """A folder with Ryan's collection, prepared once."""
    from seqapps.tasks.music import collection

    folder = tmp_path_factory.mktemp("tfds")
    collection.prepare("ryan", folder)
    return folder


@pytest.fixture(scope="session")
def toy(data_dir):
    """61 tunes in batches of 8: the last has 5."""
    from seqapps.tasks import music

    return music.load_data(
        collection="ryan", data_dir=data_dir, limit=61, batch_size=8
    )


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

"""Nothing is needed that exists on one operating system alone."""

import os
import subprocess
import sys

import pytest

from seqapps import devices

RARE = """
import os, signal, sys, time
for module, names in (
    (os, "sched_getaffinity sched_setaffinity fork forkpty geteuid getuid "
         "killpg setsid nice getloadavg mkfifo chown statvfs sysconf"),
    (signal, "SIGKILL SIGPIPE SIGALRM SIGHUP alarm setitimer"),
    (time, "tzset"),
):
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
sys.modules.update(dict.fromkeys(("fcntl", "resource", "pwd", "grp")))
"""
FIT = """
import keras, numpy as np
import tensorflow as tf
from pathlib import Path
from seqapps import layers, training
from seqapps.task import Data
from seqapps.training.train_step import SequenceModel
x = keras.Input((5, 3))
model = SequenceModel(x, keras.layers.Dense(2)(layers.LSTM(4)(x)))
model.compile("sgd", keras.losses.MeanSquaredError("sum"))
rows = tf.data.Dataset.from_tensors((tf.ones((4, 5, 3)), tf.ones((4, 2))))
data = Data(train=rows, valid=rows, test=rows, codec=None)
log = training.fit(model, data, Path("run"), epochs=2)
assert len(log["val_loss"]) == 2
print(devices.cores(), "fitted")
"""


def test_a_fit_needs_no_call_of_one_system_alone(tmp_path):
    code = RARE + "from seqapps import devices\n" + FIT
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.stdout.endswith("fitted\n"), done.stderr


@pytest.mark.parametrize(
    "there, expected",
    [
        ({"process_cpu_count": lambda: 3}, 3),
        ({"sched_getaffinity": lambda pid: {0, 1, 5, 6}}, 4),
        ({"cpu_count": lambda: 5}, 5),
        ({"cpu_count": lambda: None}, 1),
    ],
)
def test_cores_are_counted_everywhere(there, expected, monkeypatch):
    for name in ("process_cpu_count", "sched_getaffinity", "cpu_count"):
        monkeypatch.delattr(os, name, raising=False)
    for name, function in there.items():
        monkeypatch.setattr(os, name, function, raising=False)
    assert devices.cores() == expected

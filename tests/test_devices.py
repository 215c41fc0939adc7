"""Strategies, their workers, shares of batches, and what is refused."""

import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from seqapps import devices
from seqapps.errors import InputError

CLUSTER = {"worker": ["a:1", "b:1"]}


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """No cluster is named."""
    for name in ("TF_CONFIG", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS"):
        monkeypatch.delenv(name, raising=False)


def test_one_device_on_a_cpu_and_several_workers_by_tf_config(monkeypatch):
    import tensorflow as tf

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda *_: [])
    name, why = devices.choice(devices.DeviceOptions())
    assert name == "one" and "no GPU" in why
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda *_: [1, 2])
    assert devices.choice(devices.DeviceOptions())[0] == "mirrored"
    assert devices.choice(devices.DeviceOptions(name="one"))[0] == "one"
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": CLUSTER}))
    name, why = devices.choice(devices.DeviceOptions())
    assert name == "multiworker" and "2 workers" in why


@pytest.mark.parametrize(
    "config, says",
    [
        (None, "needs TF_CONFIG, or Slurm's srun"),
        ("{", "TF_CONFIG is not as it should be"),
        ("[]", "TF_CONFIG is not as it should be"),
        ({"cluster": {"worker": 3}}, "TF_CONFIG is not as it should be"),
        ({"cluster": {}}, 'TF_CONFIG names no "worker"'),
        (
            {"cluster": CLUSTER, "task": {"type": "worker", "index": 2}},
            "its task is worker 2",
        ),
        (
            {"cluster": CLUSTER, "task": {"type": "ps", "index": 0}},
            "its task is ps 0",
        ),
    ],
)
def test_workers_that_are_not_named_are_a_line(monkeypatch, config, says):
    if config:
        text = config if isinstance(config, str) else json.dumps(config)
        monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(InputError, match=says):
        devices.strategy(name="multiworker")


def test_workers_take_no_logical_devices():
    with pytest.raises(InputError, match="--devices.cpus goes with one"):
        devices.strategy(name="multiworker", cpus=2)


@pytest.mark.parametrize(
    "place",
    [
        "{{function_node __wrapped__CollectiveReduceV2_device_/job:worker}} ",
        "Graph execution error:\n\nDetected at node CollectiveReduceV2\n",
    ],
)
def test_a_lost_worker_is_a_line_that_says_why(place):
    import tensorflow as tf

    error = tf.errors.UnavailableError(
        None, None, f"{place}Collective ops is aborted by: a peer is gone\nIt"
    )
    workers = devices.Workers(SimpleNamespace(cluster_resolver=None))
    with pytest.raises(tf.errors.UnavailableError):  # it is alone
        with workers.named_if_lost(lambda: "go on"):
            raise error
    workers.count = 2
    with pytest.raises(InputError) as raised:
        with workers.named_if_lost(lambda: "go on"):
            raise error
    assert str(raised.value) == (
        "another worker was lost (Collective ops is aborted by: a peer is "
        "gone); go on"
    )


def test_slurm_names_the_workers(monkeypatch):
    import tensorflow as tf

    for name, value in {
        "SLURM_PROCID": "2",
        "SLURM_STEP_NUM_TASKS": "4",
        "SLURM_STEP_NODELIST": "node[1-2]",
        "SLURM_STEP_TASKS_PER_NODE": "2(x2)",
    }.items():
        monkeypatch.setenv(name, value)
    made = []
    monkeypatch.setattr(
        tf.distribute, "MultiWorkerMirroredStrategy", made.append
    )
    devices.strategy(name="multiworker")
    (resolver,) = made
    workers = resolver.cluster_spec().as_dict()["worker"]
    assert [w.split(":")[0] for w in workers] == ["node1"] * 2 + ["node2"] * 2
    assert (resolver.task_type, resolver.task_id) == ("worker", 2)


@pytest.mark.parametrize(
    "sizes, replicas", [([5, 2], 3), ([7], 2), ([1, 4], 4)]
)
@pytest.mark.parametrize("workers", [1, 2])
def test_each_replica_gets_its_share(sizes, replicas, workers):
    import tensorflow as tf

    replicas *= workers
    first = np.cumsum([0, *sizes])
    batches = tf.data.Dataset.from_generator(
        lambda: (
            (range(a, a + n), {"y": range(a, a + n)})
            for a, n in zip(first, sizes, strict=False)
        ),
        output_signature=(
            tf.TensorSpec([None], tf.int32),
            {"y": tf.TensorSpec([None], tf.int32)},
        ),
    )
    counted = batches.apply(tf.data.experimental.assert_cardinality(len(sizes)))
    parts = []

    def distribute(function):
        for worker in range(workers):
            context = SimpleNamespace(
                num_replicas_in_sync=replicas,
                num_input_pipelines=workers,
                input_pipeline_id=worker,
            )
            parts.append([x.numpy() for x, _ in function(context)])
        return SimpleNamespace()

    strategy = SimpleNamespace(
        num_replicas_in_sync=replicas,
        distribute_datasets_from_function=distribute,
    )
    devices.share_batches(counted, strategy)
    local = replicas // workers
    for step, (a, n) in enumerate(zip(first, sizes, strict=False)):
        shares = [
            share
            for worker in parts
            for share in worker[step * local : (step + 1) * local]
        ]
        assert np.concatenate(shares).tolist() == list(range(a, a + n))
        counts = [len(share) for share in shares]
        assert max(counts) - min(counts) <= 1


def test_a_policy_is_set_and_put_back():
    import keras

    before = keras.config.dtype_policy().name
    with devices.dtype_policy(precision="mixed_bfloat16"):
        layer = keras.layers.Dense(2)
    assert layer.compute_dtype == "bfloat16"
    assert layer.variable_dtype == "float32"
    with pytest.raises(KeyError), devices.dtype_policy(precision="float32"):
        raise KeyError
    assert keras.config.dtype_policy().name == before
    with pytest.raises(InputError, match="precision"):
        devices.dtype_policy(precision="float64")


def networks(name):
    """An untrained network of a task, inputs, targets and its loss."""
    import keras

    from seqapps.tasks.chorale.codec.base import FEATURES
    from seqapps.tasks.chorale.network import ChoraleModel
    from seqapps.tasks.music.network import LanguageModel
    from seqapps.tasks.sentiment.network import TextNetwork
    from seqapps.tasks.translation.blocks.loss import SmoothedCrossentropy
    from seqapps.tasks.translation.network import TranslationNetwork

    ids = np.random.default_rng(0).integers(1, 3, (2, 5, 4))
    if name == "music":
        model = LanguageModel(7, (3,), 2, units=3, depth=1, embedding=4)
        loss = keras.losses.SparseCategoricalCrossentropy(True, reduction="sum")
        return model, ids, ids[..., 0], loss
    if name == "chorale":
        ids = np.resize(ids, (2, 5, FEATURES))
        model = ChoraleModel(units=3, embedding=4)
        loss = keras.losses.SparseCategoricalCrossentropy(True, reduction="sum")
        return model, ids, ids[..., :4], loss
    if name == "sentiment":
        model = TextNetwork(9, 4, units=3, embedding=4, shortcut=True)
        loss = keras.losses.CategoricalCrossentropy(True, reduction="sum")
        return model, ids, np.eye(2), loss
    model = TranslationNetwork(
        9, 9, units=3, embedding=4, dropout=0.0, copy=True
    )
    both = ids[..., 0], ids[..., 1]
    return model, both, ids[..., 1], SmoothedCrossentropy(0.1)


@pytest.mark.parametrize(
    "name", ["music", "chorale", "sentiment", "translation"]
)
def test_each_network_trains_in_half_precision(name):
    import keras

    losses = []
    for precision in ("float32", "mixed_bfloat16", "mixed_float16"):
        keras.utils.set_random_seed(3)
        with devices.dtype_policy(precision=precision):
            model, x, y, loss = networks(name)
            model.build(
                [part.shape for part in x] if name[0] == "t" else x.shape
            )
            model.compile(keras.optimizers.SGD(0.1), loss, run_eagerly=True)
        losses.append([model.train_on_batch(x, y) for _ in range(2)])
        assert {v.dtype for v in model.trainable_variables} == {"float32"}
        assert model(x).dtype == "float32"
        scaled = hasattr(model.optimizer, "dynamic_scale")
        assert scaled is (precision == "mixed_float16")
    np.testing.assert_allclose(losses[1], losses[0], rtol=0.02)
    np.testing.assert_allclose(losses[2], losses[0], rtol=0.02)


REFUSED = """
import keras, tensorflow as tf
from seqapps import devices
from seqapps.errors import InputError
from seqapps.training import SequenceModel
from seqapps.training.supported import require_supported

def refused(model):
    try:
        require_supported(model)
    except InputError as error:
        return str(error)

def model(kind=SequenceModel, accumulate=None, **how):
    with strategy.scope():
        x = keras.Input((3,))
        model = kind(x, keras.layers.Dense(2)(x))
        sgd = keras.optimizers.SGD(gradient_accumulation_steps=accumulate)
        model.compile(sgd, "mse", **how)
    return model

strategy = devices.strategy(name="mirrored", cpus=2)
assert refused(model()) is None
assert "jit_compile" in refused(model(jit_compile=True))
assert "steps_per_execution" in refused(model(steps_per_execution=2))
assert "gradient_accumulation" in refused(model(accumulate=2))
assert "TrainStep" in refused(model(kind=keras.Model))
strategy = tf.distribute.OneDeviceStrategy("CPU:0")
assert refused(model(kind=keras.Model, accumulate=2)) is None
keras.distribution.set_distribution(keras.distribution.DataParallel())
assert "keras.distribution" in refused(model())
try:
    devices.strategy(name="mirrored", cpus=2)
except InputError as error:
    assert "before TensorFlow is used" in str(error)
print("refused")
"""


def test_what_a_strategy_cannot_do_is_refused():
    done = subprocess.run(
        [sys.executable, "-c", REFUSED], capture_output=True, text=True
    )
    assert done.stdout == "refused\n", done.stderr


DATA_PARALLEL = """
import jax, keras, numpy as np
from seqapps import layers

assert len(jax.devices()) == 2
x = np.random.default_rng(0).normal(size=(14, 5, 3)).astype("float32")
y = x.sum((1, 2))[:, None]
mask = np.arange(5) < np.arange(1, 15)[:, None] % 5 + 1

def run():
    keras.utils.set_random_seed(3)
    inputs, kept = keras.Input((5, 3)), keras.Input((5,), dtype="bool")
    h = layers.Bidirectional(layers.LSTM(4))(inputs, mask=kept)
    model = keras.Model([inputs, kept], keras.layers.Dense(1)(h))
    model.compile(keras.optimizers.Adam(0.1, global_clipnorm=0.1), "mse")
    log = model.fit(
        [x, mask], y, batch_size=6, epochs=2, shuffle=False, verbose=0)
    sharding = model.layers[-1].kernel.value.sharding
    return log.history["loss"], model.get_weights(), sharding

loss, weights, _ = run()
keras.distribution.set_distribution(keras.distribution.DataParallel())
losses, same, sharding = run()
assert len(sharding.device_set) == 2
np.testing.assert_allclose(loss, losses, atol=1e-5)
for one, two in zip(weights, same, strict=True):
    np.testing.assert_allclose(one, two, atol=1e-5)
print("same")
"""


def test_layers_train_under_data_parallel_on_jax(monkeypatch):
    pytest.importorskip("jax")
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setenv(
        "XLA_FLAGS",
        "--xla_force_host_platform_device_count=2 "
        "--xla_backend_optimization_level=0",
    )
    done = subprocess.run(
        [sys.executable, "-c", DATA_PARALLEL], capture_output=True, text=True
    )
    assert done.stdout == "same\n", done.stderr

"""What is kept of a cell, and the rules of the house."""

import importlib
import inspect
import pkgutil
import subprocess
import sys

import keras
import pytest
import tensorflow as tf
from cells import (
    FEATURES,
    X,
    close,
    every_cell,
    every_cell_in_time,
    fill,
)

from seqapps import layers


def model_of(case):
    inputs = keras.Input((None, FEATURES))
    y = case.make(return_sequences=True)(inputs)
    y = keras.layers.Bidirectional(case.make())(y)
    return fill(keras.Model(inputs, y))


# Keras, TensorFlow and NumPy 2 among themselves, whenever a model is saved
@pytest.mark.filterwarnings("ignore:__array__ implementation")
@every_cell
def test_files(case, tmp_path):
    model = model_of(case)
    expected = model(X)
    model.save(tmp_path / "model.keras")
    close(keras.saving.load_model(tmp_path / "model.keras")(X), expected)
    model.save_weights(tmp_path / "model.weights.h5")
    clone = keras.models.clone_model(model)
    clone.load_weights(tmp_path / "model.weights.h5")
    close(clone(X), expected)


@pytest.mark.filterwarnings("ignore:__array__ implementation")
@every_cell_in_time
def test_exported(case, tmp_path):
    model = model_of(case)
    model.export(tmp_path / "saved", verbose=False)
    served = tf.saved_model.load(tmp_path / "saved")
    close(served.serve(X), model(X))
    close(served.serve(X[:2, :3]), model(X[:2, :3]))


@every_cell
def test_config_has_every_argument(case):
    cell = case.make_cell(name="cell", dtype="mixed_bfloat16")
    config = cell.get_config()
    names = set(inspect.signature(type(cell)).parameters) - {"kwargs"}
    assert names <= set(config)
    assert all(hasattr(cell, name) for name in names)
    copy = type(cell).from_config(config)
    assert copy.get_config() == config
    assert type(cell).__name__ in keras.saving.get_registered_name(type(cell))
    assert keras.saving.get_registered_name(type(cell)).startswith("seqapps>")


def test_nothing_concrete_is_overridden():
    """Abstract or final: a method of ours is written out once."""
    modules = [
        importlib.import_module(module.name)
        for module in pkgutil.iter_modules(layers.__path__, "seqapps.layers.")
    ]
    classes = {
        c
        for module in modules
        for c in vars(module).values()
        if isinstance(c, type) and c.__module__.startswith("seqapps")
    }
    assert len(classes) > 20
    for cls in classes:
        ours = [c for c in cls.__mro__ if c.__module__.startswith("seqapps")]
        for upper in ours[1:]:
            for name, method in vars(upper).items():
                if not inspect.isfunction(method) or name == "__init__":
                    continue
                below = ours[: ours.index(upper)]
                if any(name in vars(c) for c in below):
                    source = inspect.getsource(method)
                    assert "raise NotImplementedError" in source, (cls, name)


def test_import_costs_no_tensorflow():
    code = (
        "import sys, seqapps.layers as layers; dir(layers);"
        "assert 'tensorflow' not in sys.modules;"
        "assert 'keras' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="LTSM"):
        _ = layers.LTSM


@pytest.mark.parametrize(
    "name",
    [
        n
        for n in layers.__all__
        if n not in ("Cell", "LinearCell", "cell_names")
    ],
)
def test_example_runs(name):
    """The example of a docstring runs, and has the shapes it says."""
    import seqapps

    doc = inspect.getdoc(getattr(layers, name))
    code = inspect.cleandoc(doc.split("```python")[1].split("```")[0])
    scope = {"seqapps": seqapps, "keras": keras}
    exec(code, scope)
    last = code.splitlines()[-1]
    if "=" not in last:
        expression, value = last.split("#")
        assert eval(expression, scope) == eval(value)

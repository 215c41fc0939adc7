"""SavedModels with strings at both ends: save, load, inspect, locate."""

import inspect as inspect_
import json
import re
import shutil
from pathlib import Path

from seqapps import __version__
from seqapps.errors import InputError

_PACKAGE = Path(__file__).parent
_ABOUT = "assets.extra/seqapps.json"


def save(predictor, path: str | Path, info: dict | None = None) -> Path:
    """Writes a predictor as a SavedModel that needs none of our Python.

    Every graph function of `predictor.functions` becomes a method of the
    loaded object and a signature. The folder appears whole or not at all.

    Args:
        predictor: has `functions`, `model` and `codec` (a `tf.Module`).
        path: a folder that is not there yet.
        info: JSON that `inspect` shows: the task, the recipe, the versions.

    Returns:
        The path.

    Raises:
        InputError: the folder exists.
    """
    import tensorflow as tf

    path = Path(path)
    if path.exists():
        raise InputError(f"{path} exists; name a folder that does not: --to")
    module = tf.Module()
    module.codec = predictor.codec
    values = [(v, tf.constant(v.numpy())) for v in predictor.model.variables]
    functions = {
        name: _frozen(function, values)
        for name, function in predictor.functions.items()
    }
    for name, function in functions.items():
        setattr(module, name, function)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    tf.saved_model.save(
        module,
        str(new),
        signatures=functions,  # concrete ones would be written twice
    )
    (new / "fingerprint.pb").unlink(missing_ok=True)
    about = {"seqapps": __version__, **(info or {})}
    (new / _ABOUT).parent.mkdir(exist_ok=True)
    (new / _ABOUT).write_text(json.dumps(about, indent=1), "utf-8")
    new.rename(path)
    return path


def _frozen(function, values: list):
    """A graph function with its weights as constants, shared by all.

    A restored function does not keep the variables of its module alive, so
    `tf.saved_model.load(path).generate()`, in one breath, would lose them.
    """
    import keras
    import tensorflow as tf

    def frozen(*args):
        with keras.StatelessScope(state_mapping=values):
            return function.python_function(*args)

    frozen.__name__ = function.python_function.__name__
    frozen.__signature__ = inspect_.signature(function.python_function)
    return tf.function(
        frozen,
        input_signature=function.input_signature,
        autograph=function._autograph,
    )


def load(path: str | Path) -> "Loaded":
    """Loads a SavedModel; its signatures are methods on plain values.

    Raises:
        InputError: there is none, or it is damaged.

    Example:
        ```python
        seqapps.load("saved_models/music/1").generate(key="G")
        ```
    """
    path = _saved_model(path)
    import tensorflow as tf

    try:
        return Loaded(tf.saved_model.load(str(path)))
    except Exception as error:  # whatever TensorFlow makes of a broken file
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise InputError(
            f"{path} is damaged, export it again: {reason[:120]}"
        ) from None


class Loaded:
    """A loaded SavedModel: values in, values out.

    Args:
        module: what `tf.saved_model.load` gave.
    """

    def __init__(self, module):
        self._module = module
        self.functions = {
            name: getattr(module, name)
            for name in module.signatures
            if hasattr(module, name)
        }

    def __getattr__(self, name: str):
        if name.startswith("_") or name not in self.functions:
            raise AttributeError(f"this model has no method {name!r}")

        def method(*args, **kwargs):
            results = call(self.functions[name], *args, **kwargs)
            only = next(iter(results.values()))
            return only if len(results) == 1 else results

        return method

    def __dir__(self):
        return sorted(self.functions)


def demand(right, message: str, value) -> None:
    """Says inside a graph what is wrong with an argument, if it is not right.

    `call` makes an `InputError` of it.

    Args:
        right: a bool tensor, `()`.
        message: what is wrong.
        value: what was given; it follows the message.
    """
    import tensorflow as tf

    tf.debugging.Assert(right, [message, value])


def call(function, *args, **kwargs) -> dict:
    """Calls a graph function on plain values, and gives plain values back.

    Raises:
        InputError: an assertion in the graph failed (its text says which), or
            a value has the wrong type.
    """
    import numpy as np
    import tensorflow as tf

    try:
        results = function(*args, **kwargs)
    except tf.errors.InvalidArgumentError as error:
        said = re.search(r"assertion failed: (\[.*?\])(?:\s*\n|$)", str(error))
        if not said:
            raise
        words = re.findall(r"\[(.*?)\]", said[1])
        raise InputError(" ".join(" ".join(words).split())) from None
    except (OverflowError, TypeError, ValueError) as error:
        raise InputError(str(error).partition("\n")[0]) from None

    def plain(tensor):
        array = tensor.numpy()
        if array.dtype == object:
            words = [s.decode("utf-8", "replace") for s in array.flat]
            array = np.array(words, object).reshape(array.shape)
        return array.tolist()

    return {name: plain(tensor) for name, tensor in results.items()}


def inspect(path: str | Path) -> str:
    """What a saved model is: methods, inputs, outputs, recipe, versions.

    Raises:
        InputError: there is none.
    """
    path = _saved_model(path)
    methods = load(path)._module.signatures
    lines = [str(path)]
    for name in sorted(methods):
        _, inputs = methods[name].structured_input_signature
        takes = ", ".join(
            f"{key}: {spec.dtype.name}{list(spec.shape) or ''}"
            for key, spec in inputs.items()
        )
        gives = ", ".join(
            f"{key}: {spec.dtype.name}{list(spec.shape) or ''}"
            for key, spec in methods[name].structured_outputs.items()
        )
        lines.append(f"  {name}({takes}) -> {gives}")
    about = path / _ABOUT
    if about.exists():
        for key, value in json.loads(about.read_text("utf-8")).items():
            lines.append(f"  {key}: {json.dumps(value)}")
    return "\n".join(lines)


def locate(name: str) -> Path | None:
    """Finds `tasks/music.toml` and the like: in a checkout, or as installed.

    Args:
        name: a path below the repository's root.

    Returns:
        The path, or None.
    """
    checkout = _PACKAGE.parent
    roots = [_PACKAGE / "_shipped"]
    if (checkout / "pyproject.toml").exists():
        roots.insert(0, checkout)
    found = [root / name for root in roots if (root / name).exists()]
    return found[0] if found else None


def shipped_model(task: str) -> Path:
    """The newest saved model that ships with a task.

    Raises:
        InputError: none ships.
    """
    folder = locate(f"saved_models/{task}")
    versions = _versions(folder) if folder else []
    if not versions:
        raise InputError(
            f"no model ships with {task}: train one, then name its run: --from"
        )
    return folder / str(max(versions))


def next_version(task: str) -> Path:
    """Where the next export of a task goes: `saved_models/<task>/<n + 1>`."""
    folder = Path("saved_models", task)
    return folder / str(max(_versions(folder), default=0) + 1)


def _versions(folder: Path) -> list[int]:
    return [int(p.name) for p in folder.glob("*") if p.name.isdigit()]


def _saved_model(path: str | Path) -> Path:
    path = Path(path)
    if not path.exists():
        raise InputError(f"no saved model and no run at {path}")
    if not (path / "saved_model.pb").exists():
        raise InputError(f"{path} is neither a saved model nor a run")
    return path

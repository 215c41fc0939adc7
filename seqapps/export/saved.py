"""SavedModels with strings at both ends: save, load, inspect."""

import inspect as inspect_
import json
import shutil
from pathlib import Path
from typing import Any

from seqapps import __version__
from seqapps.errors import InputError, reason
from seqapps.export import manifest, operations
from seqapps.export.calls import Loaded
from seqapps.export.quantize import as_constant
from seqapps.export.shipped import find_saved_model
from seqapps.files import read_json
from seqapps.private import autograph_of

_ABOUT = "assets.extra/seqapps.json"


def save(
    predictor: Any,
    path: str | Path,
    info: dict[str, Any] | None = None,
    *,
    half: bool = False,
) -> Path:
    """Writes a predictor as a SavedModel that needs none of our Python.

    Every graph function of `predictor.functions` becomes a method of the
    loaded object and a signature. The folder appears whole or not at all, with
    the checksums of its files.

    Where only TensorFlow is installed, calling a method of the loaded object
    with a value that TensorFlow cannot convert leaves its `tf.function` locked
    for all other threads; the object's `signatures` have no such lock.

    Args:
        predictor: has `functions`, `model` and `codec` (a `tf.Module`).
        path: a folder that does not exist yet.
        info: JSON that `inspect` shows: the task, the recipe, the versions.
        half: whether matrices of real numbers are stored in 16 bits; the graph
            computes as before.

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
    weights = predictor.model.variables
    values = [(w, as_constant(w.numpy(), half)) for w in weights]
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
    manifest.write(new)
    new.rename(path)
    return path


def _frozen(function: Any, values: list[Any]) -> Any:
    """Returns a graph function with its weights as constants, shared by all.

    A restored function does not keep the variables of its module alive, so
    `tf.saved_model.load(path).generate()`, in one breath, would lose them.
    """
    import keras
    import tensorflow as tf

    def frozen(*args: Any) -> Any:
        state = [
            (variable, tf.cast(value, variable.dtype))
            for variable, value in values
        ]
        with keras.StatelessScope(state_mapping=state):
            return function.python_function(*args)

    frozen.__name__ = function.python_function.__name__
    signature = inspect_.signature(function.python_function)
    frozen.__signature__ = signature  # type: ignore[attr-defined]
    return tf.function(
        frozen,
        input_signature=function.input_signature,
        autograph=autograph_of(function),
    )


def load(
    path: str | Path, *, trust: bool = False, task: str | None = None
) -> Loaded:
    """Loads a SavedModel; its signatures are methods on plain values.

    A graph is a program: before it is loaded, its files are compared with the
    checksums of its export, and its operations are read.

    Args:
        path: the SavedModel's folder.
        trust: True loads a graph that may touch files, processes, the network
            or Python, and follows links.
        task: the name of the task that it must be of; None takes any.

    Raises:
        InputError: there is none, it is damaged or of another task, or it
            needs trust.

    Example:
        ```python
        seqapps.load("saved_models/music/2").generate(key="G")
        ```
    """
    path = find_saved_model(path)
    _checked(path, trust, task)
    if not trust and (outward := operations.reaching_out(path)):
        more = f" and {len(outward) - 1} more" if outward[1:] else ""
        raise InputError(
            f"{path} does more than compute: {outward[0]}{more}; `inspect` "
            "lists all. If you know who made it, --trust it"
        )
    return Loaded(_module(path))


def _module(path: Path) -> Any:
    import tensorflow as tf

    try:
        return tf.saved_model.load(str(path))
    except Exception as error:  # whatever TensorFlow makes of a broken file
        raise InputError(
            f"{path} is damaged, export it again: {reason(error)}"
        ) from None


def _checked(
    path: Path, trust: bool, task: str | None
) -> tuple[dict[str, Any], int | None]:
    """Checks a SavedModel; returns its description and its number of files."""
    checked = manifest.check(path, links=trust)
    about: dict[str, Any] = {}
    if (path / _ABOUT).exists():
        about = read_json(path / _ABOUT)
    its = about.get("task")
    if None not in (its, task) and its != task:
        raise InputError(f"{path} is a model of {str(its)[:40]}, not of {task}")
    return about, checked


def inspect(
    path: str | Path, *, trust: bool = False, task: str | None = None
) -> str:
    """Describes a saved model: methods, inputs, outputs, recipe, versions.

    Args:
        path: the SavedModel's folder.
        trust: True loads it to describe its methods, whatever it may do.
        task: the name of the task that it must be of; None takes any.

    Raises:
        InputError: there is none, it is damaged or of another task.
    """
    path = find_saved_model(path)
    about, checked = _checked(path, trust, task)
    outward = operations.reaching_out(path)
    lines = [str(path)]
    if trust or not outward:
        lines += _signatures(_module(path).signatures)
    lines += [f"  {key}: {json.dumps(value)}" for key, value in about.items()]
    files = f"{checked} files are as exported" if checked else "there are none"
    lines.append(f"  checksums: {files}")
    lines += [f"  does more than compute: {name}" for name in outward]
    if outward and not trust:
        lines.append("  methods: not read, for that is to load it: --trust")
    return "\n".join(lines)


def _signatures(methods: Any) -> list[str]:
    def text(specs: dict[str, Any]) -> str:
        return ", ".join(
            f"{key}: {spec.dtype.name}{list(spec.shape) or ''}"
            for key, spec in specs.items()
        )

    return [
        f"  {name}({text(methods[name].structured_input_signature[1])}) -> "
        f"{text(methods[name].structured_outputs)}"
        for name in sorted(methods)
    ]

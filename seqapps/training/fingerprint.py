"""The fingerprint of data: whether, and where, they have changed."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from seqapps import deprecated

_SIDES = ("inputs", "targets")


def fingerprint(data: Any) -> dict[str, Any]:
    """What tells data from others: of each part a number or a digest, by name.

    Args:
        data: `seqapps.Data`. Its `examples` have, by split, a list; or a list
            of inputs and one of targets, such as texts and labels.
    """
    codec = _codec(data)
    del codec["module"]  # a class may move
    parts: dict[str, Any] = {
        "batches an epoch": int(data.train.cardinality()),
        "codec": _digest([codec]),
    }
    for split, examples in (data.examples or {}).items():
        if not isinstance(examples, tuple):
            examples = (examples,)
        columns = [column for column in examples if column is not None]
        parts[f"rows of {split}"] = len(columns[0]) if columns else 0
        for i, column in enumerate(columns):
            side = _SIDES[i] if i < len(_SIDES) else f"column {i + 1}"
            parts[f"{side} of {split}"] = _digest(column)
    return parts


def differences(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Names what differs between two fingerprints.

    Where a split has another number of rows, it is all that is said of it; the
    codec and the batches follow from the texts, and are named alone.
    """
    apart = [
        name for name in {**before, **now} if before.get(name) != now.get(name)
    ]
    rows = {n.removeprefix("rows of ") for n in apart if n.startswith("rows ")}
    of_splits = [
        name
        for name in apart
        if " of " in name
        and (name.startswith("rows ") or name.partition(" of ")[2] not in rows)
    ]
    return [
        f"{now.get(name, 0)} {name}, not {before.get(name, 0)}"
        if isinstance(now.get(name, before.get(name)), int)
        else f"other {name}"
        for name in of_splits or apart
    ]


def digest(data: Any) -> str:
    """The digest of all data at once that runs of release 0.1 have.

    A codec's module has the name that it had there.
    """
    codec = _codec(data)
    module = deprecated.codec_module_before(codec["module"])
    parts = (
        codec | {"module": module},
        data.examples,
        int(data.train.cardinality()),
    )
    total = hashlib.sha256()
    for part in parts:
        total.update(json.dumps(part, default=str, sort_keys=True).encode())
    return total.hexdigest()


def _codec(data: Any) -> dict[str, Any]:
    import keras

    return dict(keras.saving.serialize_keras_object(data.codec))


def _digest(values: Iterable[Any]) -> str:
    total = hashlib.sha256()
    if isinstance(values, np.ndarray):
        total.update(f"{values.dtype} {values.shape} ".encode())
        total.update(np.ascontiguousarray(values).tobytes())
        return total.hexdigest()
    for value in values:  # one after the other: there may be millions
        total.update(json.dumps(value, default=str, sort_keys=True).encode())
        total.update(b"\n")
    return total.hexdigest()

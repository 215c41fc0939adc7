"""Settings of the release before, which still work: they moved to `[fit]`.

The optimizer stood in `[model]`; the schedule in steps there, and in shares of
all steps in `[fit]`.
"""

import functools
import warnings
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from seqapps.console import arguments
from seqapps.training.options import FitOptions

MOVED = (
    "learning_rate",
    "decay_steps",
    "weight_decay",
    "average",
    "epsilon",
    "clip",
)
_SAME = (  # settings of which only one is given
    ("warmup_epochs", "warmup"),
    ("decay_epochs", "decay", "decay_steps"),
)
_Tables = dict[str, dict[str, Any]]
_Build = TypeVar("_Build", bound=Callable[..., Any])


def moved_keys(build_model: Callable[..., Any]) -> tuple[str, ...]:
    """The keys of `[model]` that are now of `[fit]`, for a task of ours."""
    own = arguments.flags(build_model)
    return tuple(key for key in MOVED if key not in own)


def move(tables: _Tables, build_model: Callable[..., Any]) -> list[str]:
    """Moves old keys from `[model]` to `[fit]`, in place; returns their names.

    Args:
        tables: of a recipe.
        build_model: of the task; its own keys stay.
    """
    model, fit = tables.get("model"), tables.get("fit", {})
    if not isinstance(model, dict) or not isinstance(fit, dict):
        return []
    moved = [key for key in moved_keys(build_model) if key in model]
    if not moved:
        return []
    old = {key: model.pop(key) for key in moved}
    if fit.get("warmup") or fit.get("decay"):  # they took its place
        old.pop("decay_steps", None)
    tables["fit"] = old | fit
    return moved


def overruled(given: Iterable[str]) -> set[str]:
    """The keys of a recipe's `[fit]` that flags take the place of.

    Args:
        given: the keys that stand on the command line.
    """
    given = set(given)
    return {
        key
        for names in _SAME
        if given.intersection(names)
        for key in set(names) - given
    }


def takes_optimizer(build_model: _Build) -> _Build:
    """Lets a `build_model` take the optimizer's arguments, as it once did."""

    @functools.wraps(build_model)
    def building(*args: Any, **values: Any) -> Any:
        old = {key: values.pop(key) for key in MOVED if key in values}
        if not old:
            return build_model(*args, **values)
        names = ", ".join(old)
        warnings.warn(
            f"{names} of build_model go in 0.3: they are settings of "
            "training.fit, or set model.optimizer",
            DeprecationWarning,
            stacklevel=2,
        )
        with warnings.catch_warnings():  # of decay_steps, which this names too
            warnings.simplefilter("ignore", DeprecationWarning)
            options = FitOptions(**old)
        model = build_model(*args, **values)
        from seqapps.training.optimizer import set_optimizer

        set_optimizer(model, options, 1)
        return model

    return building  # type: ignore[return-value]

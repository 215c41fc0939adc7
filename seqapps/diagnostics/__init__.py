"""Why gates exist, measured and drawn.

`gradient_flow` measures how far back a gradient reaches through any of our
cells; `python -m seqapps.diagnostics` draws the three pictures of
`docs/recurrence.md`.
"""

import importlib

# name: the module that has it; imported when first used (PEP 562), so that
# `--help` costs no TensorFlow
_HOME = {
    "gradient_flow": "flow",
    "GradientFlow": "flow",
    "Gate": "gates",
    "adding": "problems",
    "copying": "problems",
}
__all__ = list(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_HOME[name]}")
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted(__all__)

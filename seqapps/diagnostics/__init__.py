"""Why gates exist, measured and drawn.

`gradient_flow` measures how far back a gradient reaches through any of our
cells; `python -m seqapps.diagnostics` draws the three pictures of
`docs/recurrence.md`.
"""

from seqapps import lazy

_HOME = {
    "gradient_flow": "flow",
    "GradientFlow": "flow",
    "Gate": "gates",
    "adding": "problems",
    "copying": "problems",
}
__all__ = list(_HOME)
__getattr__ = lazy.getter(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(__all__)

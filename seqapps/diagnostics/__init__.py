"""Why gates exist, measured and drawn.

`gradient_flow` measures how far back a gradient reaches through any of our
cells; `python -m seqapps.diagnostics` draws the three pictures of
`docs/recurrence.md`.
"""

from typing import TYPE_CHECKING

from seqapps import lazy

if TYPE_CHECKING:
    from seqapps.diagnostics.flow import GradientFlow as GradientFlow
    from seqapps.diagnostics.flow import gradient_flow as gradient_flow
    from seqapps.diagnostics.gates import Gate as Gate
    from seqapps.diagnostics.problems import adding as adding
    from seqapps.diagnostics.problems import copying as copying

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

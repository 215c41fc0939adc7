"""The command line of any task."""

from typing import TYPE_CHECKING

from seqapps import lazy

if TYPE_CHECKING:
    from seqapps.cli.program import script as script
    from seqapps.cli.verbs import check as check
    from seqapps.cli.verbs import main as main

_HOME = {
    "check": "verbs",
    "main": "verbs",
    "script": "program",
}
__all__ = list(_HOME)
__getattr__ = lazy.getter(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(__all__)

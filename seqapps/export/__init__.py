"""SavedModels that take and return strings."""

from typing import TYPE_CHECKING

from seqapps import lazy

if TYPE_CHECKING:
    from seqapps.export.calls import Loaded as Loaded
    from seqapps.export.calls import NoMethod as NoMethod
    from seqapps.export.calls import call as call
    from seqapps.export.calls import demand as demand
    from seqapps.export.saved import inspect as inspect
    from seqapps.export.saved import load as load
    from seqapps.export.saved import save as save
    from seqapps.export.shipped import locate as locate
    from seqapps.export.shipped import next_version as next_version
    from seqapps.export.shipped import shipped_model as shipped_model

_HOME = {
    "save": "saved",
    "load": "saved",
    "inspect": "saved",
    "locate": "shipped",
    "shipped_model": "shipped",
    "next_version": "shipped",
    "call": "calls",
    "demand": "calls",
    "Loaded": "calls",
    "NoMethod": "calls",
}
__all__ = list(_HOME)
__getattr__ = lazy.getter(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(__all__)

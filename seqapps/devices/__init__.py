"""Devices: how many cores there are, and strategies to train on several."""

from seqapps.devices.processors import cores as cores
from seqapps.devices.strategies import strategy as strategy

__all__ = ["cores", "strategy"]

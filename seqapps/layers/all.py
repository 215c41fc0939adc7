"""Imports every layer, so that all are registered with Keras."""

from seqapps.layers import *  # noqa: F403
from seqapps.layers.release_0_1 import AdditiveAttention as _  # noqa: F401

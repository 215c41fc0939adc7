"""Imports every layer, so that all are registered with Keras."""

from seqapps.layers import *  # noqa: F403

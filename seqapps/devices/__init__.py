"""Devices: how many cores there are, and strategies to train on several."""

from seqapps.devices.options import DeviceOptions as DeviceOptions
from seqapps.devices.policies import dtype_policy as dtype_policy
from seqapps.devices.processors import cores as cores
from seqapps.devices.shares import share_batches as share_batches
from seqapps.devices.strategies import choice as choice
from seqapps.devices.strategies import strategy as strategy
from seqapps.devices.workers import Workers as Workers

"""The layers that `build_model` chooses by name."""

from seqapps import layers

ATTENTION = {
    "additive": layers.BahdanauAttention,
    "dot": layers.DotAttention,
    "general": layers.GeneralAttention,
}

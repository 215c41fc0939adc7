"""The layers that `build_model` chooses by name."""

from seqapps import layers

CELLS = {
    "simple_rnn": layers.SimpleRNNCell,
    "lstm": layers.LSTMCell,
    "gru": layers.GRUCell,
    "peephole_lstm": layers.PeepholeLSTMCell,
    "coupled_lstm": layers.CoupledLSTMCell,
    "layer_norm_lstm": layers.LayerNormLSTMCell,
    "layer_norm_gru": layers.LayerNormGRUCell,
}
ATTENTION = {
    "additive": layers.BahdanauAttention,
    "dot": layers.DotAttention,
    "general": layers.GeneralAttention,
}

"""The cells in NumPy: one step each, from the equations of their docstrings.

A step takes the weights in their order, x `(batch, features)` and the states,
and gives the output and the new states.
"""

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def simple_rnn(weights, x, states):
    kernel, recurrent, bias = weights
    h = np.tanh(x @ kernel + states[0] @ recurrent + bias)
    return h, [h]


def irnn(weights, x, states):
    kernel, recurrent, bias = weights
    h = np.maximum(x @ kernel + states[0] @ recurrent + bias, 0)
    return h, [h]


def lstm(weights, x, states):
    kernel, recurrent, bias = weights
    h, c = states
    i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    h = sigmoid(o) * np.tanh(c)
    return h, [h, c]


def gru(weights, x, states):
    kernel, recurrent, bias = weights
    (h,) = states
    u_z, u_r, u_g = np.split(recurrent, 3, axis=-1)
    after = bias.ndim == 2
    b_z, b_r, b_g = np.split(bias[1] if after else 0 * bias, 3)
    z, r, g = np.split(x @ kernel + (bias[0] if after else bias), 3, axis=-1)
    z = sigmoid(z + h @ u_z + b_z)
    r = sigmoid(r + h @ u_r + b_r)
    a = r * (h @ u_g + b_g) if after else (r * h) @ u_g
    h = z * h + (1 - z) * np.tanh(g + a)
    return h, [h]


def peephole_lstm(weights, x, states):
    kernel, recurrent, bias, peephole = weights
    h, c = states
    p_i, p_f, p_o = peephole
    i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
    c_t = sigmoid(f + c * p_f) * c + sigmoid(i + c * p_i) * np.tanh(g)
    h = sigmoid(o + c_t * p_o) * np.tanh(c_t)
    return h, [h, c_t]


def coupled_lstm(weights, x, states):
    kernel, recurrent, bias = weights
    h, c = states
    i, g, o = np.split(x @ kernel + h @ recurrent + bias, 3, axis=-1)
    c = (1 - sigmoid(i)) * c + sigmoid(i) * np.tanh(g)
    h = sigmoid(o) * np.tanh(c)
    return h, [h, c]


def projection_lstm(weights, x, states):
    *inner, projection = weights
    m, (_, c) = lstm(inner, x, states)
    return m @ projection, [m @ projection, c]


def norm(a):
    mean = a.mean(axis=-1, keepdims=True)
    return (a - mean) / np.sqrt(a.var(axis=-1, keepdims=True) + 1e-3)


def layer_norm_lstm(weights, x, states):
    kernel, recurrent, bias, gain_x, gain_h, gain_c, bias_c = weights
    h, c = states
    a = gain_x * norm(x @ kernel) + gain_h * norm(h @ recurrent) + bias
    i, f, g, o = np.split(a, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    h = sigmoid(o) * np.tanh(gain_c * norm(c) + bias_c)
    return h, [h, c]


def layer_norm_gru(weights, x, states):
    kernel, recurrent, bias, gain_x, gain_h = weights
    (h,) = states

    def norms(a):
        gates, g = np.split(a, [2 * h.shape[-1]], axis=-1)
        return np.concatenate([norm(gates), norm(g)], axis=-1)

    p = gain_x * norms(x @ kernel) + bias[0]
    s = gain_h * norms(h @ recurrent) + bias[1]
    z, r, g = np.split(p, 3, axis=-1)
    s_z, s_r, s_g = np.split(s, 3, axis=-1)
    z, r = sigmoid(z + s_z), sigmoid(r + s_r)
    h = z * h + (1 - z) * np.tanh(g + r * s_g)
    return h, [h]


def recurrent_highway(weights, x, states):
    kernel, recurrent, bias = weights
    (s,) = states
    depth = len(bias)
    for layer, u_l in enumerate(np.split(recurrent, depth, axis=-1)):
        a = s @ u_l + bias[layer] + (x @ kernel if layer == 0 else 0)
        g, u = np.split(a, 2, axis=-1)
        s = sigmoid(u) * np.tanh(g) + (1 - sigmoid(u)) * s
    return s, [s]


def min_gru(weights, x, states):
    kernel, bias = weights
    z, g = np.split(x @ kernel + bias, 2, axis=-1)
    h = sigmoid(z) * states[0] + (1 - sigmoid(z)) * g
    return h, [h]


def zoned(step, *rates):
    """Zoneout around a step, at inference."""

    def zoned_step(weights, x, states):
        _, new = step(weights, x, states)
        triples = zip(rates, states, new, strict=True)
        new = [rate * a + (1 - rate) * b for rate, a, b in triples]
        return new[0], new

    return zoned_step


def highway(step):
    """A highway around a step, between sizes that differ."""

    def highway_step(weights, x, states):
        kernel, bias, skip, *inner = weights
        y, states = step(inner, x, states)
        u = sigmoid(x @ kernel + bias)
        return u * y + (1 - u) * (x @ skip), states

    return highway_step


def learned(step):
    """A step whose first states are its first weights."""
    return lambda weights, x, states: step(weights[len(states) :], x, states)


def walk(case, weights, x, states, mask=None, backwards=False):
    """Walks a case through time in NumPy: outputs and last states."""
    weights = [w.astype("float64") for w in weights]
    outputs = []
    y = None
    for t in reversed(range(x.shape[1])) if backwards else range(x.shape[1]):
        new_y, new = case.step(weights, x[:, t], states)
        keep = np.ones((len(x), 1), bool) if mask is None else mask[:, t, None]
        y = np.where(keep, new_y, np.zeros_like(new_y) if y is None else y)
        states = [
            np.where(keep, a, b) for a, b in zip(new, states, strict=True)
        ]
        outputs.append(y)
    return np.stack(outputs, axis=1), states

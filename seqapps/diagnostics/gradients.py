"""Vanishing and exploding gradients, and what gates and clipping do."""

import math
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from seqapps.diagnostics import picture, problems
from seqapps.diagnostics.cells import irnn
from seqapps.diagnostics.flow import GradientFlow, gradient_flow
from seqapps.layers import RNN, make_cell

CELLS = {
    "tanh RNN": partial(make_cell, "simple_rnn"),
    "IRNN": irnn,
    "LSTM": partial(make_cell, "lstm"),
    "GRU": partial(make_cell, "gru"),
}
GAIN = 1.5
ROWS, BATCH, RATE, CLIP = 8, 32, 0.01, 1.0


@dataclass(frozen=True)
class Start:
    """An initialisation: how a new cell is changed before it is measured."""

    name: str
    short: str
    colour: str
    gain: float = 1.0  # what its recurrent weights are multiplied by
    opened: bool = False  # whether its keeping gate gets a bias of ln(lags)


STARTS = [
    Start("as initialised", "as is", picture.BLUE),
    Start("recurrent weights larger", f"× {GAIN}", picture.RED, gain=GAIN),
    Start("gates held open", "open", picture.GREEN, opened=True),
]


def begin(name: str, start: Start, units: int, lags: int, seed: int) -> RNN:
    """Makes and initialises a layer for the adding problem.

    The gate held open is the LSTM's f or the GRU's z: a bias of ln(lags) alone
    makes it 1 - 1 / (1 + lags).
    """
    keras.utils.set_random_seed(seed)
    cell = CELLS[name](units)
    layer = RNN(cell, walk="fast")  # `train` is compiled by XLA, also on a GPU
    layer.build((None, None, 2))
    cell.recurrent_kernel.assign(start.gain * cell.recurrent_kernel)
    if start.opened:
        bias = keras.ops.convert_to_numpy(cell.bias).copy()
        block = {"LSTM": 1, "GRU": 0}[name]  # f of i, f, g, o; z of z, r, g
        bias.reshape(-1, units)[block] = math.log(lags)
        cell.bias.assign(bias)
    return layer


def train(layer: RNN, lag: int, steps: int, seed: int, clip: float | None):
    """Trains for a while on the adding problem, by plain gradient descent.

    Args:
        layer: what to train, under a `Dense(1)`.
        lag: the length of the sequences.
        steps: how many.
        seed: the seed of the data.
        clip: the global norm to which the gradient is clipped, or None.

    Returns:
        The loss and the gradient's norm before clipping, `(steps, 2)`.
    """
    model = keras.Sequential(
        [keras.Input((lag, 2)), layer, keras.layers.Dense(1)]
    )
    optimizer = keras.optimizers.SGD(RATE, global_clipnorm=clip)
    optimizer.build(model.trainable_variables)

    @tf.function(jit_compile=True)
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(x, training=True) - y) ** 2)
        grads = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(grads, model.trainable_variables)
        return tf.stack([loss, tf.linalg.global_norm(grads)])

    rng = np.random.default_rng(seed)
    batches = (problems.adding(rng, BATCH, lag) for _ in range(steps))
    return np.stack([step(x, y).numpy() for x, y in batches])


def draw(
    output: Path, units: int, lags: int, steps: int, seed: int, track
) -> str:
    """Draws the picture, and returns its numbers as text.

    Args:
        output: the file.
        units: the size of the cells.
        lags: the longest lag, and the length of the sequences.
        steps: how long to train.
        seed: the seed of weights and data.
        track: iterates over a list and shows the progress.
    """
    x, _ = problems.adding(np.random.default_rng(seed), ROWS, lags)
    drawn = picture.figure(11, 7.6)
    grid = drawn.subplots(3, len(CELLS), height_ratios=[1.25, 1, 0.75])
    text = []
    for column, name in track(list(enumerate(CELLS))):
        gated = name in ("LSTM", "GRU")
        flows = {
            start: gradient_flow(begin(name, start, units, lags, seed), x)
            for start in STARTS
            if gated or not start.opened
        }
        _draw_flows(grid[0, column], name, flows)
        curves = {
            clip: train(
                begin(name, STARTS[0], units, lags, seed),
                lags,
                steps,
                seed,
                clip,
            )
            for clip in (None, CLIP)
        }
        _draw_training(grid[1, column], curves)
        if gated:
            _draw_gates(grid[2, column], flows)
        else:
            grid[2, column].set_axis_off()
        text += _numbers(name, flows, curves)
    _finish(grid, lags)
    picture.save(drawn, output)
    return "\n".join(text)


def _numbers(name: str, flows: dict, curves: dict) -> list[str]:
    lines = []
    for start, flow in flows.items():
        shown = [k for k in (1, 10, 30, 100) if k < len(flow.lags)]
        shown.append(len(flow.lags))
        norms = ", ".join(f"{flow.norms[k - 1]:.1e} at {k}" for k in shown)
        lines.append(f"{name}, {start.name}: {norms}")
        for gate, value in flow.gates.items():
            lines.append(
                f"    {gate}: openness {value.openness:.2f}, "
                f"below 0.1 {value.left:.0%}, above 0.9 {value.right:.0%}"
            )
    for clip, curve in curves.items():
        last = np.mean(curve[-20:, 0]) / problems.adding_baseline(0)
        lines.append(
            f"    trained, {f'clip {clip:g}' if clip else 'no clip'}: gradient "
            f"{curve[0, 1]:.1e} at first, {np.max(curve[:, 1]):.1e} at most; "
            f"loss / baseline {last:.2g} at last"
        )
    return lines


def _draw_flows(axes, name: str, flows: dict[Start, GradientFlow]) -> None:
    for start, flow in flows.items():
        shown = np.where(flow.norms > 0, flow.norms, np.nan)
        axes.plot(flow.lags, shown, color=start.colour, linewidth=2)
    axes.axhline(1, color=picture.GREY, linewidth=0.7)
    last = len(flow.lags)
    axes.set(yscale="log", ylim=(1e-21, 1e21), xlim=(0, last))
    axes.set_xlabel("lag k", fontsize=9)
    picture.tidy(axes)
    ends = [
        (last, max(flow.norms[-1], 1e-21), start.short, start.colour)
        for start, flow in flows.items()
    ]
    picture.label_ends(axes, ends)
    axes.set_title(name, loc="left", fontsize=11, fontweight="bold")


def _draw_training(axes, curves: dict[float | None, np.ndarray]) -> None:
    styles = ((picture.ORANGE, 2.4), (picture.PURPLE, 1))
    for curve, (colour, width) in zip(curves.values(), styles, strict=True):
        loss = curve[:, 0] / problems.adding_baseline(0)
        axes.plot(np.arange(len(loss)), loss, color=colour, linewidth=width)
    axes.axhline(1, color=picture.GREY, linewidth=0.7)
    axes.set(yscale="log", xlim=(0, len(loss) - 1))
    axes.set_xlabel("training step", fontsize=9)
    picture.tidy(axes)


def _draw_gates(axes, flows: dict[Start, GradientFlow]) -> None:
    names = list(flows[STARTS[0]].gates)
    for side in ((0, 0.1), (0.9, 1)):
        axes.axvspan(*side, color="#eeeeee", linewidth=0)
    for i, (start, flow) in enumerate(flows.items()):
        places = np.arange(len(names)) + 0.2 * (i - 1)
        axes.scatter(
            [gate.openness for gate in flow.gates.values()],
            places,
            color=start.colour,
            s=28,
            clip_on=False,
            zorder=3,
        )
    axes.set_xlim(0, 1)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("openness of the gates", fontsize=9)
    picture.tidy(axes)


def _finish(grid, lags: int) -> None:
    """Draws labels and the legend."""
    grid[0, 0].set_ylabel("‖∂s$_T$ / ∂s$_{T-k}$‖", fontsize=9)
    grid[1, 0].set_ylabel("loss / baseline", fontsize=9)
    for row in grid[:2]:
        low = min(axes.get_ylim()[0] for axes in row)
        high = max(axes.get_ylim()[1] for axes in row)
        for axes in row:
            axes.set_ylim(low, high)
        for axes in row[1:]:
            axes.tick_params(labelleft=False)
    lines = [
        ("Top and bottom: before training", "black"),
        (f"● as is: {STARTS[0].name}", STARTS[0].colour),
        (f"● {STARTS[1].short}: {STARTS[1].name}", STARTS[1].colour),
        (
            f"● open: bias ln {lags} for f of the LSTM, z of the GRU",
            STARTS[2].colour,
        ),
        ("Middle: training on the adding problem, as is", "black"),
        ("● thick: without clipping", picture.ORANGE),
        (f"● thin: gradient clipped to norm {CLIP:g}", picture.PURPLE),
    ]
    for i, (line, colour) in enumerate(lines):
        grid[2, 0].text(
            0,
            0.95 - 0.16 * i,
            line,
            color=colour,
            fontsize=9,
            va="center",
            transform=grid[2, 0].transAxes,
            in_layout=False,
        )

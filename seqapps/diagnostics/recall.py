"""Which cells still learn as the lag grows."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from seqapps.diagnostics import picture, problems
from seqapps.diagnostics.cells import chrono, irnn
from seqapps.layers import RNN, make_cell

BATCH, RATE, CLIP, EVERY, SOLVED = 32, 0.005, 1.0, 100, 0.05


@dataclass(frozen=True)
class Learner:
    """A cell to train, and how its line is drawn."""

    name: str
    make: Callable  # (units, length of the sequences) -> a cell
    colour: str
    marker: str


def _cell(name: str) -> Callable[[int, int], Any]:
    return lambda units, length: make_cell(name, units)


def _chrono_lstm(units: int, length: int) -> Any:
    bias = {"unit_forget_bias": False, "bias_initializer": chrono(length)}
    return make_cell("lstm", units, **bias)


LEARNERS = [
    Learner("tanh RNN", _cell("simple_rnn"), picture.BLACK, "o"),
    Learner("IRNN", lambda units, _: irnn(units), picture.ORANGE, "s"),
    Learner("LSTM", _cell("lstm"), picture.BLUE, "^"),
    Learner("LSTM, chrono", _chrono_lstm, picture.PURPLE, "D"),
    Learner("GRU", _cell("gru"), picture.GREEN, "v"),
]


def adding_model(cell, lag: int) -> keras.Model:
    """Returns a model that predicts one number at the end."""
    return keras.Sequential(
        [keras.Input((lag, 2)), RNN(cell, walk="fast"), keras.layers.Dense(1)]
    )


def copying_model(cell, lag: int) -> keras.Model:
    """Returns a model that predicts the logits of a symbol at every step."""
    ids = keras.Input((lag + 2 * problems.LENGTH,), dtype="int32")
    x = keras.ops.one_hot(ids, problems.RECALL + 1)  # (batch, time, 10)
    layer = RNN(cell, return_sequences=True, walk="fast")  # for XLA
    h = layer(x)  # (batch, time, units)
    return keras.Model(ids, keras.layers.Dense(problems.RECALL + 1)(h))


@dataclass(frozen=True)
class Problem:
    """A problem to learn."""

    name: str
    draw: Callable  # (rng, rows, lag) -> x, y
    model: Callable  # (cell, lag) -> a model
    loss: Callable  # () -> a Keras loss
    baseline: Callable  # lag -> the loss without any memory
    lags: tuple[int, ...]  # by default


PROBLEMS = {
    "adding": Problem(
        "the adding problem",
        problems.adding,
        adding_model,
        keras.losses.MeanSquaredError,
        problems.adding_baseline,
        (10, 30, 100, 200),
    ),
    "copying": Problem(
        "the copy task",
        problems.copying,
        copying_model,
        partial(keras.losses.SparseCategoricalCrossentropy, from_logits=True),
        problems.copying_baseline,
        (1, 3, 10, 30),
    ),
}


@dataclass(frozen=True)
class Result:
    """The result of one training."""

    share: float  # loss / baseline, over the last steps; NaN if it diverged
    steps: int  # that were taken


class _Watch(keras.callbacks.Callback):
    """Stops when a problem is solved, or the loss is not a number."""

    def __init__(self, baseline: float, tick: Callable):
        super().__init__()
        self.baseline, self.tick = baseline, tick
        self.share, self.epochs = math.nan, 0

    def on_epoch_end(self, epoch, logs=None):
        self.share, self.epochs = logs["loss"] / self.baseline, epoch + 1
        self.tick()
        if not self.share > SOLVED:  # or it is NaN
            self.model.stop_training = True


def learn(
    problem: Problem,
    learner: Learner,
    lag: int,
    units: int,
    steps: int,
    seed: int,
    tick: Callable = lambda: None,
) -> Result:
    """Trains one learner on one problem at one lag.

    Every batch is new, so the loss is that of unseen sequences.

    Args:
        problem: the problem to learn.
        learner: the cell to train.
        lag: for how many steps to remember.
        units: the size of the cell.
        steps: the most training steps; above 100, whole hundreds are taken.
        seed: the seed of weights and data.
        tick: called after every `EVERY` steps.
    """
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    every = min(EVERY, steps)
    x, _ = problem.draw(np.random.default_rng(seed), 1, lag)
    model = problem.model(learner.make(units, x.shape[1]), lag)
    model.compile(
        keras.optimizers.Adam(RATE, global_clipnorm=CLIP),
        problem.loss(),
        jit_compile=True,
        steps_per_execution=min(every, 20),
    )

    def batches():
        while True:
            yield problem.draw(rng, BATCH, lag)

    watch = _Watch(problem.baseline(lag), tick)
    model.fit(
        batches(),
        epochs=steps // every,
        steps_per_epoch=every,
        shuffle=False,  # or Keras warns
        verbose=0,
        callbacks=[watch],
    )
    return Result(watch.share, watch.epochs * every)


def draw(
    output: Path,
    names: list[str],
    lags: list[int] | None,
    units: int,
    steps: int,
    seed: int,
    progress,
) -> str:
    """Trains all learners, draws the picture, and returns its numbers as text.

    Args:
        output: the file.
        names: which of `PROBLEMS`.
        lags: the lags to train at; each problem's own if there are none.
        units: the size of every cell.
        steps: the most training steps.
        seed: the seed of weights and data.
        progress: a `rich.progress.Progress`.
    """
    drawn = picture.figure(5.5 * len(names), 4.2)
    panels = drawn.subplots(1, len(names), squeeze=False)[0]
    text = []
    for axes, name in zip(panels, names, strict=True):
        problem = PROBLEMS[name]
        results = {}
        for lag in sorted(set(problem.lags if lags is None else lags)):
            for learner in LEARNERS:
                task = progress.add_task(
                    f"{problem.name}, lag {lag}: {learner.name}",
                    total=max(1, steps // EVERY),
                )
                result = learn(
                    problem,
                    learner,
                    lag,
                    units,
                    steps,
                    seed,
                    lambda task=task: progress.advance(task),
                )
                progress.remove_task(task)
                results[learner, lag] = result
                text.append(_format_result(problem, learner, lag, result))
        _draw_problem(axes, problem, results)
    panels[0].set_ylabel(
        "loss / loss of one that remembers nothing", fontsize=9
    )
    picture.save(drawn, output)
    return "\n".join(text)


def _format_result(problem, learner, lag, result) -> str:
    solved = " solved" if result.share <= SOLVED else ""
    solved = " blew up" if math.isnan(result.share) else solved
    return (
        f"{problem.name:<18} lag {lag:>4}  {learner.name:<13}"
        f"{result.share:6.2f} after {result.steps:>5} steps{solved}"
    )


def _draw_problem(axes, problem: Problem, results: dict) -> None:
    lags = sorted({lag for _, lag in results})
    axes.axhline(1, color=picture.GREY, linewidth=0.8)
    axes.text(lags[0], 1.01, "nothing learned", fontsize=8, color=picture.GREY)
    ends = []
    for learner in LEARNERS:
        shares = [results[learner, lag].share for lag in lags]
        # diverged, or worse than guessing: on the upper edge
        shown = [1.12 if math.isnan(x) else min(x, 1.12) for x in shares]
        axes.plot(
            lags,
            shown,
            color=learner.colour,
            marker=learner.marker,
            markersize=6,
            linewidth=1.8,
            clip_on=False,
        )
        ends.append((lags[-1], shown[-1], learner.name, learner.colour))
    axes.set(xscale="log", ylim=(-0.03, 1.12))
    axes.set_xticks(lags, [str(lag) for lag in lags])
    axes.set_xticks([], minor=True)
    axes.set_xlim(lags[0] / 1.1, lags[-1] * 1.02)
    axes.set_xlabel("lag T", fontsize=9)
    picture.tidy(axes, problem.name)
    picture.label_ends(axes, ends)

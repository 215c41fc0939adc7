"""Checks of the model and the predictor, in process and exported."""

from typing import Any

from seqapps import export
from seqapps.testing import children
from seqapps.testing.comparison import difference
from seqapps.testing.trial import ContractError, Trial, demand


def steps_as_it_walks(trial: Trial) -> None:
    """The model computes one step at a time what it computes at once."""
    import tensorflow as tf

    model = trial.predictor.model
    if not hasattr(model, "step") and trial.by_steps is None:
        return
    x, _, *weights = next(iter(trial.loaded.train))
    by_steps = trial.by_steps or _by_steps
    whole, steps = model(x), by_steps(model, x)
    demand(
        whole.shape == steps.shape,
        f"the logits have the shape {whole.shape} at once and {steps.shape} "
        "step by step",
    )
    apart = tf.reduce_max(tf.abs(whole - steps), -1)
    if weights and weights[0].shape == apart.shape:
        apart = apart[weights[0] > 0]  # without padding
    worst = float(tf.reduce_max(apart))
    demand(
        worst < 1e-4,
        f"`step` and `call` differ by {worst:.2g}: let both use the same "
        "layers, and let `step` return all states",
    )


def _by_steps(model: Any, x: Any) -> Any:
    """Steps through `(batch, time, ...)`; returns all logits."""
    import tensorflow as tf

    demand(
        hasattr(model, "initial_states"),
        "the model has a `step` but no `initial_states(batch)`: name a "
        "function `by_steps(model, x)` that computes by `step` what `model(x)` "
        "computes",
    )
    states, logits = model.initial_states(len(x)), []
    step = tf.function(model.step, autograph=False)
    for t in range(x.shape[1]):
        one, states = step(x[:, t], states)
        logits.append(one)
    return tf.stack(logits, 1)  # (batch, time, vocabulary)


def answers_alone_as_in_a_batch(trial: Trial) -> None:
    """One example alone has the answer that it has in a batch."""
    for (name, kwargs), together in zip(
        trial.calls, trial.answers, strict=True
    ):
        rows = {k: v for k, v in kwargs.items() if isinstance(v, list | tuple)}
        sizes = {len(row) for row in rows.values()}
        if len(sizes) != 1:
            continue  # it takes no batch
        (count,) = sizes
        for i in range(count):
            one = {k: [v[i]] for k, v in rows.items()}
            alone = getattr(trial.predictor, name)(**{**kwargs, **one})
            text = difference(
                alone, _row(together, alone, i, count), 1e-4, padded=True
            )
            demand(
                not text,
                f"`{name}` answers row {i} alone otherwise than in a batch"
                f"{text}: mask the padding, and compute nothing over the batch",
            )


def _row(together: Any, alone: Any, i: int, count: int) -> Any:
    """What an answer to a batch says of one of its rows."""
    if isinstance(together, dict) and isinstance(alone, dict):
        return {
            key: _row(value, alone.get(key), i, count)
            for key, value in together.items()
        }
    if isinstance(together, list) and isinstance(alone, list):
        if len(together) == count and len(alone) == 1:
            return together[i : i + 1]
    return together


def exports_as_in_process(trial: Trial) -> None:
    """The exported model answers as the predictor does, string for string."""
    exported = trial.exported
    demand(
        "serving_default" in exported.functions,
        "`functions` needs a `serving_default`: servers call it",
    )
    text = difference(trial.answers, children.answer(exported, trial.calls))
    demand(
        not text,
        f"the exported model answers otherwise than the predictor{text}: "
        "let the predictor's methods do nothing but `seqapps.export.call` one "
        "of its `functions`",
    )


def runs_without_keras(trial: Trial) -> None:
    """The exported model runs where only TensorFlow is."""
    try:
        plain = children.call_plain_tensorflow(trial.saved, trial.calls)
    except children.ChildError as error:
        raise ContractError(
            f"the exported model fails where Keras cannot be imported: {error}"
            "\nLet its functions use TensorFlow's operations alone"
        ) from None
    expected = [
        export.call(trial.exported.functions[name], **kwargs)
        for name, kwargs in trial.calls
    ]
    text = difference(expected, plain)
    demand(
        not text,
        f"the exported model answers otherwise where Keras cannot be imported"
        f"{text}: let its functions hold all that they need, and let random "
        "choices depend on a `seed` argument alone",
    )

"""The fast walk equals Keras's loop: values and gradients, in every use."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from cells import (
    BATCH,
    CASES,
    FEATURES,
    MASK,
    TIME,
    UNITS,
    X,
    arrays,
    built,
    close,
    every_cell,
    fill,
    numbers,
    states_of,
)

from seqapps import devices, layers
from seqapps.layers.walks.bptt import on_tensorflow

pytestmark = pytest.mark.usefixtures("one_share")
BOTH = {"return_sequences": True, "return_state": True}
LOOPED = [c for c in CASES if not isinstance(c.make_cell(), layers.LinearCell)]
every_walked = pytest.mark.parametrize("case", LOOPED, ids=lambda c: c.name)
few = pytest.mark.parametrize(
    "case",
    [
        pytest.param(c, marks=[] if c.peer else pytest.mark.slow)
        for c in LOOPED
        if c.name in ("lstm", "gru", "highway_gru")
    ],
    ids=lambda c: c.name,
)


def gradients(layer, x, mask=None, states=None, training=False, **spec):
    """Outputs and gradients of a sum of them, inside a graph."""
    states = states or []

    def loss(outputs):
        return sum(
            tf.reduce_sum(tf.sin(tf.cast(y, "float32") + 0.1 * i))
            for i, y in enumerate(tf.nest.flatten(outputs))
        )

    @tf.function(autograph=False, **spec)
    def run(x):
        with tf.GradientTape() as tape:
            tape.watch([x, *states])
            outputs = layer(
                x, initial_state=states or None, mask=mask, training=training
            )
            total = loss(outputs)
        weights = [w.value for w in layer.trainable_weights]
        return outputs, tape.gradient(
            total, [x, *states, *weights], unconnected_gradients="zero"
        )

    return run(tf.constant(x))


def both_ways(case, x=X, arguments=BOTH, **call):
    found = []
    for walk in ("loop", "fast"):
        keras.utils.set_random_seed(3)
        layer = built(case, walk=walk, **arguments)
        if call.get("states") is True:
            call["states"] = [tf.constant(s) for s in states_of(layer)]
        found.append(gradients(layer, x, **call))
        assert layer.walked == walk
    close(found[1], found[0])


@every_walked
def test_equals_the_loop(case):
    """With holes, an empty row, noise, from the end, of unknown sizes."""
    both_ways(
        case,
        arguments={**BOTH, "go_backwards": True},
        mask=MASK,
        states=True,
        training=True,
        input_signature=[tf.TensorSpec((None, None, FEATURES))],
    )


@pytest.mark.slow
@every_walked
@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "masked"])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(
    "arguments",
    [{}, {"return_sequences": True, "zero_output_for_mask": True}],
    ids=["last", "zeroed"],
)
def test_equals_the_loop_in_every_use(case, mask, training, arguments):
    """At inference too: the way back makes the forward walk again."""
    both_ways(case, arguments=arguments, mask=mask, training=training)


@few
def test_part_count_of_a_batch(case, monkeypatch):
    """An uneven batch, cut into several walks."""
    monkeypatch.setattr(on_tensorflow, "_part_count", lambda batch: 3)
    x = numbers(7, TIME, FEATURES)
    mask = numbers(7, TIME, seed=1) > 0
    spec = [tf.TensorSpec((None, TIME, FEATURES))]
    both_ways(case, x, mask=mask, training=True, input_signature=spec)


def test_a_batch_of_one_in_part_count(monkeypatch):
    monkeypatch.setattr(on_tensorflow, "_part_count", lambda batch: 2)
    layer = layers.LSTM(UNITS, walk="fast")
    spec = [tf.TensorSpec((None, TIME, FEATURES))]
    run = tf.function(layer, input_signature=spec)
    close(run(X[:1]), layer(X)[:1])


@pytest.mark.parametrize(
    ("cores", "batch", "shares"),
    [(2, 64, 2), (2, 31, 1), (8, 64, 4), (2, 1, 1), (2, None, 2), (8, None, 4)],
)
def test_a_core_has_its_share(cores, batch, shares, monkeypatch):
    """At least 16 rows; of a batch not known yet, at most four shares."""
    monkeypatch.undo()
    monkeypatch.setattr(devices, "cores", lambda: cores)
    assert on_tensorflow._part_count(batch) == shares


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
@few
def test_half_precision(case, policy):
    found = []
    for walk in ("loop", "fast"):
        layer = built(case, walk=walk, dtype=policy, **BOTH)
        found.append(gradients(layer, X, training=True))
    outputs, grads = found[1]
    assert outputs[0].dtype == policy[6:] and outputs[1].dtype == "float32"
    close(outputs, found[0][0], 0.02)
    close(grads, found[0][1], 0.1)


@few
def test_inside_one_that_is_compiled_as_a_whole(case):
    layer = built(case, walk="fast", **BOTH)
    plain = gradients(layer, X, MASK, training=True)
    close(gradients(layer, X, MASK, training=True, jit_compile=True), plain)


def test_a_second_gradient_is_refused():
    layer = layers.LSTM(UNITS, walk="fast")
    layer.build(X.shape)

    @tf.function(autograph=False)
    def penalty(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.reduce_sum(layer(x, training=True))
            slope = tf.reduce_sum(tape.gradient(y, x) ** 2)
        return outer.gradient(slope, x)

    with pytest.raises(NotImplementedError, match='walk="loop"'):
        penalty(tf.constant(X))


def test_a_gradient_may_be_taken_inside_a_tape():
    """As adversarial training does: the inner one is no part of the outer."""
    fast = layers.LSTM(UNITS, walk="fast")
    loop = layers.LSTM(UNITS, walk="loop")
    for layer in (fast, loop):
        layer.build(X.shape)
    loop.set_weights(fast.get_weights())

    def worst(layer):
        @tf.function(autograph=False)
        def slopes(x):
            with tf.GradientTape() as outer:
                with tf.GradientTape() as tape:
                    tape.watch(x)
                    y = tf.reduce_sum(layer(x, training=True) ** 2)
                step = tf.stop_gradient(tape.gradient(y, x))
                y = tf.reduce_sum(layer(x + step, training=True) ** 2)
            return outer.gradient(y, layer.trainable_variables)

        return arrays(slopes(tf.constant(X)))

    close(worst(fast), worst(loop))


def test_the_loop_has_a_second_gradient():
    layer = layers.LSTM(UNITS, walk="loop")
    x = tf.constant(X[:1, :2])
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(layer(x))
        slope = tf.reduce_sum(tape.gradient(y, x) ** 2)
    (found,) = arrays(outer.gradient(slope, x))

    def slope_at(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(layer(x))
        return float(tf.reduce_sum(tape.gradient(y, x) ** 2))

    step = np.zeros_like(X[:1, :2])
    step[0, 1, 2] = 1e-2
    expected = (slope_at(x + step) - slope_at(x - step)) / 2e-2
    assert found[0, 1, 2] == pytest.approx(expected, rel=0.02)


def test_which_walk_is_taken():
    layer = layers.LSTM(UNITS)
    assert layer.walk == "auto" and layer.walked is None
    layer(X)
    assert layer.walked == "loop"  # nothing is compiled here
    tf.function(layer)(X)
    assert layer.walked == "fast"
    unknown = [tf.TensorSpec((BATCH, None, FEATURES))]
    tf.function(layer, input_signature=unknown)(X)
    assert layer.walked == "loop"
    training = tf.function(
        lambda x: layer(x, training=True), input_signature=unknown
    )
    training(X)
    assert layer.walked == "fast"
    linear = layers.RNN(layers.MinGRUCell(UNITS))
    linear(X)
    assert linear.walked == "scan"
    assert layer.walk == linear.walk == "auto"


def test_the_old_name_of_the_requested_walk():
    layer = layers.LSTM(UNITS, walk="fast")
    with pytest.warns(DeprecationWarning, match="`asked_walk` is now `walk`"):
        assert layer.asked_walk == "fast"
    with pytest.warns(DeprecationWarning, match="`asked_walk` is now `walk`"):
        layer.asked_walk = "loop"
    layer(X)
    assert layer.walk == layer.walked == "loop"
    assert "asked_walk" not in dir(layer)  # Keras reads what it saves by these


def test_an_old_name_warns_once_where_it_is_imported():
    with pytest.warns(DeprecationWarning) as caught:
        from seqapps.layers import AdditiveAttention, Attention
    assert [w.filename for w in caught] == [__file__, __file__]
    assert issubclass(AdditiveAttention, Attention)
    with pytest.warns(DeprecationWarning, match="BaseAttention"):
        exec("layers.Attention", {"layers": layers})  # by code without a name


def test_a_walk_is_kept_in_the_config():
    layer = layers.GRU(UNITS, walk="loop")
    assert layers.GRU.from_config(layer.get_config()).walk == "loop"
    assert "walk" not in layers.GRU(UNITS).get_config()
    tf.function(layer)(X)
    assert layer.walked == "loop"
    with pytest.raises(ValueError, match="walk must be"):
        layers.GRU(UNITS, walk="slow")
    with pytest.raises(ValueError, match="LinearCell"):
        layers.GRU(UNITS, walk="scan")(X)


def test_stateful_and_bidirectional_in_fit():
    """A whole model, fitted by either walk from the same weights."""
    weights = []
    for walk in ("loop", "fast"):
        keras.utils.set_random_seed(1)
        inputs = keras.Input((None, FEATURES), batch_size=BATCH)
        x = layers.Bidirectional(
            layers.GRU(UNITS, return_sequences=True, walk=walk)
        )(inputs)
        x = layers.LSTM(UNITS, stateful=True, walk=walk)(x)
        model = keras.Model(inputs, keras.layers.Dense(1)(x))
        model.compile("sgd", "mse", jit_compile=False)
        target = numbers(BATCH, 1, seed=7)
        model.fit(X, target, batch_size=BATCH, epochs=3, verbose=0)
        weights.append(model.get_weights() + model.layers[-2].states)
    close(weights[1], weights[0])


@every_cell
@pytest.mark.slow
def test_saved_as_a_graph(case, tmp_path):
    """Where neither Keras nor we are, and of any length."""
    layer = fill(built(case))
    model = keras.Sequential([keras.Input((None, FEATURES)), layer])
    model.export(tmp_path / "saved", verbose=False)
    again = tf.saved_model.load(tmp_path / "saved")
    close(again.serve(X[:, :5]), layer(X[:, :5]))

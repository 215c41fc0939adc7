"""Attention, against its equations in NumPy."""

import keras
import numpy as np
import pytest

from seqapps import layers
from seqapps.layers.attention import attention_weights

KINDS = {
    "dot": (lambda: layers.DotAttention(), 5),
    "scaled": (lambda: layers.DotAttention(scale=True), 5),
    "general": (lambda: layers.GeneralAttention(), 3),
    "additive": (lambda: layers.BahdanauAttention(11), 3),
}


def reference(layer, q, v):
    """The scores, one by one."""
    arrays = [w.numpy() for w in layer.weights]
    e = np.zeros((len(q), q.shape[1], v.shape[1]))
    for b, t, s in np.ndindex(e.shape):
        one, other = q[b, t], v[b, s]
        if isinstance(layer, layers.GeneralAttention):
            e[b, t, s] = one @ arrays[0] @ other
        elif isinstance(layer, layers.BahdanauAttention):
            w, u, bias, last = arrays
            e[b, t, s] = np.tanh(one @ w + other @ u + bias) @ last[:, 0]
        else:
            e[b, t, s] = one @ other / (len(one) ** 0.5 if layer.scale else 1)
    return e


def softmax(e, mask):
    a = np.where(mask[:, None], np.exp(e), 0.0)
    total = a.sum(-1, keepdims=True)
    return a / np.where(total > 0, total, 1)


@pytest.fixture(params=KINDS)
def case(request):
    make, size = KINDS[request.param]
    rng = np.random.default_rng(3)
    q = rng.normal(size=(4, 2, size)).astype("float32")
    v = rng.normal(size=(4, 7, 5)).astype("float32")
    mask = rng.random((4, 7)) < 0.6
    mask[1], mask[2] = False, True
    layer = make()
    layer(q, v)
    for weight in layer.weights:
        weight.assign(rng.normal(size=weight.shape))
    return layer, q, v, mask


def test_equals_its_equations(case):
    layer, q, v, mask = case
    for shown in (mask, None):
        context, a = layer(q, v, values_mask=shown)
        full = np.ones((4, 7), bool) if shown is None else mask
        expected = softmax(reference(layer, q, v), full)
        np.testing.assert_allclose(a, expected, atol=2e-6)
        np.testing.assert_allclose(context, expected @ v, atol=1e-5)


def test_weights_sum_to_one_where_there_is_anything(case):
    layer, q, v, mask = case
    _, a = layer(q, 50 * v, values_mask=mask)  # far apart
    a = np.array(a)
    sums = np.where(mask.any(-1), 1.0, 0.0)[:, None]
    np.testing.assert_allclose(a.sum(-1), np.repeat(sums, 2, 1), atol=1e-6)
    assert (a[np.repeat(~mask[:, None], 2, 1)] == 0).all()


def test_keys_made_before_change_nothing(case):
    layer, q, v, mask = case
    _, a = layer(q, v, values_mask=mask)
    keys = layer.prepare(keras.ops.convert_to_tensor(v))
    for t in range(2):  # one query at a time, as a decoder asks
        _, one = layer(q[:, t : t + 1], v, keys=keys, values_mask=mask)
        np.testing.assert_allclose(one[:, 0], a[:, t], atol=1e-6)


def test_one_query_has_the_same_weights_at_every_call():
    """TensorFlow's `matmul` wrote past its end, which shows in some calls."""
    layer = layers.BahdanauAttention(6)
    q = np.random.default_rng(0).normal(size=(4, 1, 4)).astype("float32")
    v = np.random.default_rng(1).normal(size=(4, 7, 5)).astype("float32")
    _, first = layer(q, v)
    for _ in range(50):
        np.testing.assert_array_equal(layer(q, v)[1], first)


def test_an_all_masked_row_has_no_gradient_that_is_not_finite():
    import tensorflow as tf

    e = tf.constant(np.random.default_rng(0).normal(size=(2, 3, 5)), tf.float32)
    mask = tf.constant([[False] * 5, [True, False, True, False, True]])
    with tf.GradientTape() as tape:
        tape.watch(e)
        a = attention_weights(e, mask)
        loss = tf.reduce_sum(a * tf.range(5.0))
    gradient = tape.gradient(loss, e).numpy()
    assert np.isfinite(gradient).all() and (gradient[0] == 0).all()
    assert abs(gradient[1, :, 0]).min() > 0


def test_works_in_anyones_functional_model(case, tmp_path):
    layer, q, v, _ = case
    made = type(layer).from_config(layer.get_config())
    given = keras.Input((None, v.shape[-1]))
    asked = keras.Input((None, q.shape[-1]))
    seen = keras.layers.Masking()(given)  # its mask goes along
    context, a = made(asked, seen)
    assert context.shape == (None, None, 5)
    model = keras.Model([asked, given], [context, a])
    made.set_weights(layer.get_weights())
    v = v.copy()
    v[0, 3:] = 0
    v[1] = 0
    mask = (v != 0).any(-1)
    context, a = model.predict([q, v], verbose=0)
    expected = softmax(reference(layer, q, v), mask)
    np.testing.assert_allclose(a, expected, atol=2e-6)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(
        again.predict([q, v], verbose=0)[0], context, atol=1e-6
    )


@pytest.mark.filterwarnings("ignore:__array__ implementation")
def test_files_of_release_0_1_load(tmp_path):
    """They name the class, and lay its weights under the name."""
    with pytest.warns(DeprecationWarning, match="BahdanauAttention"):
        old = layers.AdditiveAttention
    assert issubclass(old, layers.BahdanauAttention)
    assert keras.saving.get_registered_name(old) == "seqapps>AdditiveAttention"
    with pytest.warns(DeprecationWarning, match="BaseAttention"):
        assert layers.Attention is layers.BaseAttention
    q, v = keras.Input((2, 3)), keras.Input((7, 5))
    model = keras.Model([q, v], old(6)(q, v))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for a, b in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    model.save_weights(tmp_path / "old.weights.h5")
    again.load_weights(tmp_path / "old.weights.h5")


def test_sizes_that_do_not_fit_are_said():
    with pytest.raises(ValueError, match="GeneralAttention"):
        layers.DotAttention()(np.zeros((1, 2, 3)), np.zeros((1, 2, 4)))
    with pytest.raises(ValueError, match="units"):
        layers.BahdanauAttention(0)


def test_half_precision_looks_as_single(case):
    layer, q, v, mask = case
    config = {**layer.get_config(), "dtype": "mixed_bfloat16"}
    half = type(layer).from_config(config)
    half(q, v)
    half.set_weights(layer.get_weights())
    context, a = half(q, v, values_mask=mask)
    assert context.dtype == "bfloat16"
    _, full = layer(q, v, values_mask=mask)
    a = np.array(keras.ops.cast(a, "float32"))
    assert abs(a - np.array(full)).max() < 0.1
    assert (a[np.repeat(~mask[:, None], 2, 1)] == 0).all()

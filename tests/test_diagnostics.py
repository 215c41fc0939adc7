"""Gradients measured against brute force; problems, pictures, commands."""

import inspect
import os
import subprocess
import sys

import cells
import keras
import numpy as np
import pytest
from cells import BATCH, TIME, UNITS, X, arrays, built, every_cell

from seqapps import layers
from seqapps.diagnostics import (
    Gate,
    adding,
    copying,
    gradient_flow,
    gradients,
    picture,
    powers,
    problems,
    recall,
)
from seqapps.diagnostics.__main__ import main
from seqapps.diagnostics.cells import chrono, irnn

PNG = b"\x89PNG\r\n\x1a\n"


def brute_force(case, layer, k):
    """Returns ds_T / ds_{T-k} `(batch, size, size)` by differences, in NumPy.

    The cell is the NumPy twin of the case, in float64: nothing of ours.
    """
    weights = arrays(layer.weights)
    x, states = X.astype("float64"), arrays(layer.get_initial_state(BATCH))
    if k < TIME:
        _, states = cells.walk(case, weights, x[:, : TIME - k], states)
    cuts = np.cumsum([state.shape[1] for state in states])[:-1]
    start = np.concatenate(states, axis=1).astype("float64")  # (batch, size)

    def end(j, shift):
        moved = start.copy()
        moved[:, j] += shift
        moved = np.split(moved, cuts, axis=1)
        _, states = cells.walk(case, weights, x[:, TIME - k :], moved)
        return np.concatenate(states, axis=1)

    columns = [
        (end(j, 1e-5) - end(j, -1e-5)) / 2e-5 for j in range(start.shape[1])
    ]
    return np.stack(columns, axis=-1), cuts


@every_cell
def test_flow_is_the_brute_force_jacobian(case):
    layer = built(case)
    found = gradient_flow(layer, X)
    np.testing.assert_array_equal(found.lags, np.arange(1, TIME + 1))
    for k in (1, 2, TIME):
        jacobian, cuts = brute_force(case, layer, k)
        norms = np.linalg.norm(jacobian, 2, axis=(1, 2))  # (batch,)
        np.testing.assert_allclose(found.rows[:, k - 1], norms, 1e-4)
        mean = np.exp(np.log(norms).mean())
        np.testing.assert_allclose(found.norms[k - 1], mean, 1e-4)
        if len(cuts):  # c alone
            block = jacobian[:, cuts[0] :, cuts[0] :]
            norms = np.linalg.norm(block, 2, axis=(1, 2))
            c = gradient_flow(layer, X, lags=k, states=[1])
            np.testing.assert_allclose(c.rows[:, -1], norms, 1e-4)


def test_flow_begins_and_walks_as_the_layer_does():
    case = next(c for c in cells.CASES if c.name == "lstm")
    layer, back = built(case), built(case, go_backwards=True)
    expected = gradient_flow(layer, X).rows
    np.testing.assert_allclose(gradient_flow(back, X[:, ::-1]).rows, expected)
    _, *states = built(case, return_state=True)(X[:, :3])
    rest = gradient_flow(layer, X[:, 3:], initial_state=states)
    np.testing.assert_allclose(rest.rows, expected[:, : TIME - 3], 1e-5)
    stateful = built(case, stateful=True)
    stateful(X)
    kept = arrays(stateful.states)
    np.testing.assert_allclose(gradient_flow(stateful, X).rows, expected, 1e-5)
    cells.close(stateful.states, kept)


@pytest.mark.slow
def test_flow_on_jax(tmp_path):
    code = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "import cells, numpy as np\n"
        "from seqapps.diagnostics import gradient_flow\n"
        "rows = [gradient_flow(cells.built(c), cells.X).rows"
        " for c in cells.CASES[:4]]\n"
        f"np.save({str(tmp_path / 'rows.npy')!r}, rows)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"KERAS_BACKEND": "jax"},
        cwd=os.environ["PYTHONPATH"],
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    ours = [gradient_flow(built(c), X).rows for c in cells.CASES[:4]]
    np.testing.assert_allclose(ours, np.load(tmp_path / "rows.npy"), 1e-4)


@pytest.mark.parametrize("scale", [0.9, 1.0, 1.1])
def test_powers_are_powers(scale):
    for w in powers.matrices(5, seed=3).values():
        assert np.abs(np.linalg.eigvals(w)).max() == pytest.approx(1)
        w = scale * w
        expected = [
            np.linalg.norm(np.linalg.matrix_power(w, k), 2)
            for k in range(1, 12)
        ]
        np.testing.assert_allclose(powers.norms(w, 11), expected, 1e-5)


def test_norms_neither_underflow_nor_overflow():
    for radius in (1e-3, 1e3):
        norms = powers.norms(radius * np.eye(2), 50)
        np.testing.assert_allclose(norms, radius ** np.arange(1, 51.0), 1e-4)


def test_what_ends_and_what_overflows():
    layer = layers.RNN(irnn(2))
    layer.build((2, 3, 2))
    layer.cell.set_weights([np.eye(2), np.eye(2), np.zeros(2)])
    x = np.ones((2, 3, 2))
    x[0, 1] = -9  # shuts every unit of the first row
    ended = gradient_flow(layer, x)
    np.testing.assert_array_equal(ended.rows, [[1, 0, 0], [1, 1, 1]])
    np.testing.assert_array_equal(ended.norms, [1, 0, 0])
    x[0] = np.inf
    lost = gradient_flow(layer, x)
    assert np.isnan(lost.rows[0]).all() and np.isnan(lost.norms).all()
    np.testing.assert_array_equal(lost.rows[1], 1)


@pytest.mark.parametrize(
    "arguments, said",
    [
        ({"layer": keras.layers.LSTM(3)}, "no seqapps.layers.Cell"),
        ({"layer": layers.RNN([layers.LSTMCell(3)])}, "no seqapps.layers"),
        ({"inputs": X[0]}, "batch, time, features"),
        ({"inputs": X[:, :0]}, "batch, time, features"),
        ({"lags": 0}, "1 ... 7, not 0"),
        ({"lags": TIME + 1}, "1 ... 7, not 8"),
        ({"states": []}, "0 ... 1"),
        ({"states": [2]}, "0 ... 1"),
    ],
)
def test_what_cannot_be_measured(arguments, said):
    arguments = {"layer": layers.LSTM(3), "inputs": X} | arguments
    with pytest.raises(ValueError, match=said):
        gradient_flow(**arguments)


def forced(cell, **biases):
    """Returns RNN(cell) without recurrence, with biases for some blocks."""
    layer = layers.RNN(cell)
    layer.build(X.shape)
    cell.recurrent_kernel.assign(0 * cell.recurrent_kernel)
    bias = arrays([cell.bias])[0].copy()
    for block, value in biases.items():
        bias.reshape(-1, cell.units)[int(block[1:])] = value
    cell.bias.assign(bias)
    return layer


def test_an_open_forget_gate_carries_the_gradient():
    opened = forced(layers.LSTMCell(UNITS), _1=1000)  # f, of i, f, g, o
    c = gradient_flow(opened, X, states=[1])
    np.testing.assert_allclose(c.norms, 1, 1e-6)
    both = gradient_flow(opened, X)  # h_T sees c too, and nothing sees h
    assert np.all((both.norms > 1) & (both.norms < 2**0.5))
    assert c.gates["f"] == Gate(openness=1, left=0, right=1)
    assert c.gates["f"].saturation == 1
    shut = forced(layers.LSTMCell(UNITS), _1=-1000)
    found = gradient_flow(shut, X, states=[1])
    np.testing.assert_array_equal(found.norms, 0)
    assert found.gates["f"] == Gate(openness=0, left=1, right=0)


def test_gates_are_measured_by_name():
    layer = forced(layers.GRUCell(UNITS), _0=-1000, _1=0)  # z, r
    layer.cell.kernel.assign(0 * layer.cell.kernel)
    activation = layer.cell.recurrent_activation
    gates = gradient_flow(layer, X).gates
    assert layer.cell.recurrent_activation is activation
    assert gates["z"] == Gate(openness=0, left=1, right=0)
    assert gates["r"] == Gate(openness=0.5, left=0, right=0)
    lstm = next(c for c in cells.CASES if c.name == "lstm")
    layer = built(lstm)
    states = [state.astype("float64") for state in cells.states_of(layer)]
    kernel, recurrent, bias = arrays(layer.weights)
    a = X[:, 0] @ kernel + states[0] @ recurrent + bias
    f = cells.sigmoid(np.split(a, 4, axis=-1)[1])
    found = gradient_flow(layer, X[:, :1], initial_state=states).gates["f"]
    assert found.openness == pytest.approx(f.mean(), rel=1e-5)
    assert found.left == pytest.approx((f < 0.1).mean())
    assert found.right == pytest.approx((f > 0.9).mean())


@every_cell
def test_every_gate_has_its_name(case):
    found = set(gradient_flow(built(case), X, lags=1).gates)
    doc = "recurrent_highway" in case.name and {"u_1", "u_2", "u_3"}
    assert found == (
        doc
        or ("coupled" in case.name and {"i", "o"})
        or ("min_gru" in case.name and {"z"})
        or ("lstm" in case.name and {"i", "f", "o"})
        or ("gru" in case.name and {"z", "r"})
        or set()
    )


def test_example_runs():
    doc = inspect.getdoc(gradient_flow)
    code = inspect.cleandoc(doc.split("```python")[1].split("```")[0])
    import seqapps

    scope = {"gradient_flow": gradient_flow, "seqapps": seqapps, "keras": keras}
    *before, last = code.splitlines()
    exec("\n".join(before), scope)
    expression, value = last.split("#")
    assert eval(expression, scope) == eval(value)


def test_adding():
    x, y = adding(np.random.default_rng(0), 5000, 11)
    assert x.shape == (5000, 11, 2) and y.shape == (5000, 1)
    assert x.dtype == y.dtype == "float32"
    values, markers = x[..., 0], x[..., 1]
    assert values.min() >= 0 and values.max() < 1
    assert set(np.unique(markers)) == {0, 1}
    np.testing.assert_array_equal(markers[:, :5].sum(axis=1), 1)
    np.testing.assert_array_equal(markers[:, 5:].sum(axis=1), 1)
    assert np.all(markers.sum(axis=0) > 0)  # it may stand anywhere
    total = (values * markers).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(y, total, 1e-6)
    assert np.mean((y - 1) ** 2) == pytest.approx(
        problems.adding_baseline(11), rel=0.05
    )
    assert problems.adding_baseline(11) == pytest.approx(0.1667, abs=1e-4)


def test_copying():
    x, y = copying(np.random.default_rng(0), 500, 7)
    assert x.shape == y.shape == (500, 27)
    np.testing.assert_array_equal(np.unique(x[:, :10]), range(8))
    np.testing.assert_array_equal(x[:, 10:16], 8)
    np.testing.assert_array_equal(x[:, 16], 9)
    np.testing.assert_array_equal(x[:, 17:], 8)
    np.testing.assert_array_equal(y[:, :17], 8)
    np.testing.assert_array_equal(y[:, 17:], x[:, :10])
    guess = np.full((500, 27, 10), 1e-9)
    guess[:, :17, 8] = 1
    guess[:, 17:, :8] = 1 / 8
    loss = -np.log(np.take_along_axis(guess, y[..., None], 2)).mean()
    assert loss == pytest.approx(problems.copying_baseline(7))
    x, y = copying(np.random.default_rng(0), 2, 1)
    np.testing.assert_array_equal(x[:, 10], 9)


def test_chrono_bias():
    layer = layers.LSTM(
        500, unit_forget_bias=False, bias_initializer=chrono(51)
    )
    layer.build(X.shape)
    i, f, g, o = np.split(arrays([layer.cell.bias])[0], 4)
    np.testing.assert_array_equal(i, -f)
    np.testing.assert_array_equal(g, 0)
    np.testing.assert_array_equal(o, 0)
    u = np.exp(f)
    assert 1 <= u.min() < 2 and 49 < u.max() < 50.01


@pytest.mark.parametrize("clip", [None, 0.5])
def test_clipping_bounds_a_step(clip):
    layer = gradients.begin("IRNN", gradients.STARTS[1], 5, 30, seed=0)
    before = arrays(layer.weights)
    ((loss, norm),) = gradients.train(layer, 30, 1, 0, clip)
    moved = [a - b for a, b in zip(arrays(layer.weights), before, strict=True)]
    length = np.sqrt(sum(np.sum(m**2) for m in moved))
    assert norm > 1e4 and np.isfinite(loss)
    assert (length <= 0.5 * gradients.RATE * 1.01) == (clip is not None)


def test_what_is_learned_and_what_blows_up(monkeypatch):
    rnn, problem, ticks = recall.LEARNERS[0], recall.PROBLEMS["adding"], []
    learned = recall.learn(problem, rnn, 2, 24, 900, 0, lambda: ticks.append(1))
    assert learned.share <= recall.SOLVED
    assert learned.steps == 100 * len(ticks) < 900
    monkeypatch.setattr(recall, "RATE", 1e30)
    lost = recall.learn(problem, rnn, 2, 24, 200, 0)
    assert np.isnan(lost.share) and lost.steps == 100


def test_labels_do_not_overlap():
    figure = picture.figure(3, 3)
    axes = figure.subplots()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    ends = [(1, y, str(y), "black") for y in (0.5, 0.5, 0.51, 0.9)]
    picture.label_ends(axes, ends, gap=0.1)
    heights = sorted(text.xy[1] for text in axes.texts)
    assert min(np.diff(heights)) > 0.099 and heights[-1] == pytest.approx(0.9)


COMMANDS = [
    ["powers", "--units", "3", "--lags", "4"],
    ["gradients", "--units", "3", "--lags", "4", "--steps", "3"],
    ["recall", "--problem", "copying", "--lags", "3", "--steps", "2"],
]


@pytest.mark.parametrize(
    "whole", [False, pytest.param(True, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_commands_draw(words, whole, tmp_path, capfd, monkeypatch):
    if not whole:
        monkeypatch.setattr(recall, "LEARNERS", recall.LEARNERS[:1])
        monkeypatch.delitem(gradients.CELLS, "IRNN")
        monkeypatch.delitem(gradients.CELLS, "LSTM")

        def train(layer, lag, steps, seed, clip):  # see the test of clipping
            return np.ones((steps, 2))

        monkeypatch.setattr(gradients, "train", train)
    path = tmp_path / "new" / "picture.png"
    main([*words, "--output", str(path)])
    out, err = capfd.readouterr()
    assert path.read_bytes().startswith(PNG)
    assert list(path.parent.iterdir()) == [path]
    assert out.splitlines()[-1] == str(path) and len(out.splitlines()) > 1
    assert err == ""


BAD = [
    (["power"], "powers"),
    (["powers", "--unit", "3"], "--units"),
    (["powers", "--lags", "0"], ">= 1"),
    (["powers", "--seed", "-1"], ">= 0"),
    (["powers", "--output", "picture.jpg"], ".png"),
    (["powers", "--output", "folder.png"], "folder"),
    (["powers", "--output", "file/picture.png"], "no folder"),
    (["gradients", "--lags", "many"], "--lags"),
    (["recall", "--lags", "1"], "at least 2"),
    (["recall", "--lags"], "--lags"),
    (["recall", "--problem", "adding", "xor"], "copying"),
    (["recall", "--steps", "0"], ">= 1"),
]


@pytest.mark.parametrize("words, said", BAD, ids=lambda x: " ".join(x))
def test_bad_input_is_one_line(words, said, tmp_path, monkeypatch, capfd):
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        main(words)
    out, err = capfd.readouterr()
    assert left.value.code == 2 and out == ""
    assert len(err.strip().splitlines()) == 1 and said in err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder.png"]


def test_help_imports_no_tensorflow():
    code = (
        "import sys, seqapps.diagnostics as d; dir(d)\n"
        "from seqapps.diagnostics.__main__ import main\n"
        "for words in (['--help'], ['powers', '--help'], ['recall', '--help'],"
        " ['gradients', '--help'], ['powers', '-x']):\n"
        "    try: main(words)\n"
        "    except SystemExit: pass\n"
        "assert not {'tensorflow', 'keras', 'matplotlib'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert done.returncode == 0, done.stderr

"""Cells through time, forward and back: ours beside Keras, PyTorch, the bound.

    python benchmarks/cells.py [time|memory|bfloat16|generate ...] [--repeats 7]
        [--size 64,100,128,256 ...]

`time` is a training step (forward, and the gradients of all weights and of the
inputs) and the forward walk alone, in float32. Ours and Keras's run in one
process in turn, PyTorch (if it is installed) in one of its own that is asked
in between, for its threads spin after their work; each is called once unseen
before every call that counts, and figures are medians. The bound is
the number of multiplications over the rate of a product of two matrices of
1024 x 1024, measured in the same turns. `memory` is the peak of a process that
makes training steps of one kind, less what it had before them. `bfloat16` is
the policy mixed_bfloat16 beside float32. `generate` walks one row a step at a
time through a cell of 1,024 units, beside the time that reading its weights
from memory takes.

On JAX, where TensorFlow need not be installed, and on a GPU, where plain LSTM
and GRU should say that they walk by cuDNN (all but `generate`):

    KERAS_BACKEND=jax python benchmarks/cells.py time
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

SIZES = [(64, 100, 128, 256), (64, 200, 128, 128), (64, 30, 256, 512)]
SIZES += [(32, 400, 64, 64)]  # batch, time, inputs, units
GATES = {"SimpleRNN": 1, "LSTM": 4, "GRU": 3}
KIN = {  # what is compared with Keras's, and what with our plain cell
    "SimpleRNN": ["Zoneout SimpleRNN"],
    "LSTM": ["PeepholeLSTM", "LayerNormLSTM", "Zoneout LSTM"],
    "GRU": ["LayerNormGRU", "Zoneout GRU"],
}


def layer(name: str, units: int, **kwargs):
    """One of our layers, by name."""
    from seqapps import layers

    *zoneout, cell = name.split()
    cell = getattr(layers, f"{cell}Cell")(units, dtype=kwargs.get("dtype"))
    if zoneout:
        cell = layers.Zoneout(cell, hidden=0.1)
    return layers.RNN(cell, return_sequences=True, **kwargs)


def steps(layer, size, jit: bool = False):
    """A training step and a forward walk, each a function of nothing."""
    import keras
    import numpy as np

    batch, length, features, units = size
    draw = np.random.default_rng(0)
    x = draw.normal(size=(batch, length, features)).astype("float32")
    d = draw.normal(size=(batch, length, units)).astype("float32")
    layer.build(x.shape)
    if keras.backend.backend() == "jax":
        return _steps_on_jax(layer, x, d)
    return _steps_on_tensorflow(layer, x, d, jit)


def _steps_on_jax(layer, x, d):
    import jax
    import jax.numpy as jnp

    x, d = jnp.asarray(x), jnp.asarray(d)
    weights = [w.value for w in layer.trainable_variables]
    rest = [w.value for w in layer.non_trainable_variables]

    def walk(weights, x, training=False):
        return layer.stateless_call(weights, rest, x, training=training)[0]

    @jax.jit
    def train(weights, x, d):
        def along(weights, x):
            y = walk(weights, x, training=True)
            return jnp.sum(y * d.astype(y.dtype))

        return jax.grad(along, (1, 0))(weights, x)

    forward = jax.jit(walk)
    return [
        lambda: jax.block_until_ready(train(weights, x, d)),
        lambda: jax.block_until_ready(forward(weights, x)),
    ]


def _steps_on_tensorflow(layer, x, d, jit):
    import tensorflow as tf

    from seqapps.layers.walks.choice import compiled_at_once

    x, d = tf.constant(x), tf.constant(d)
    weights = [w.value for w in layer.trainable_weights]

    def train():
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=True)
        return tape.gradient(y, [x, *weights], tf.cast(d, y.dtype))

    def forward():
        return layer(x)

    compiled = [
        tf.function(f, jit_compile=jit, autograph=False)
        for f in (train, forward)
    ]
    with compiled_at_once():  # or the first calls would take the loop
        for function in compiled:
            function()
    return [lambda f=f: tf.nest.flatten(f())[-1][:1].numpy() for f in compiled]


def cube():
    """A product of two matrices of 1024 x 1024."""
    import keras

    if keras.backend.backend() == "jax":
        import jax

        a, b = jax.random.normal(jax.random.key(0), (2, 1024, 1024))
        product = jax.jit(lambda a, b: a @ b)
        return lambda: product(a, b).block_until_ready()
    import tensorflow as tf

    a, b = tf.random.normal([1024, 1024]), tf.random.normal([1024, 1024])
    product = tf.function(lambda: tf.matmul(a, b), autograph=False)
    return lambda: product()[:1].numpy()


class Torch:
    """PyTorch's layers, timed in a process of their own."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--torch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.there = self.process.stdout.readline().strip() == "ready"

    def seconds(self, name, size) -> tuple[float, float]:
        """The time of a training step, and of a forward walk."""
        print(name, *size, file=self.process.stdin, flush=True)
        return tuple(map(float, self.process.stdout.readline().split()))


def torch_server() -> None:
    """Answers `Torch`."""
    import warnings

    try:
        import torch
    except ImportError:
        print("missing", flush=True)
        return
    warnings.simplefilter("ignore")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    print("ready", flush=True)
    made = {}
    for line in sys.stdin:
        name, *size = line.split()
        if line not in made:
            batch, length, features, units = map(int, size)
            kind = {"SimpleRNN": "RNN"}.get(name, name)
            net = getattr(torch.nn, kind)(features, units, batch_first=True)
            x = torch.randn(batch, length, features, device=device)
            d = torch.randn(batch, length, units, device=device)
            made[line] = net.to(device), x.requires_grad_(), d
        net, x, d = made[line]

        def train(net=net, x=x, d=d):
            net.zero_grad()
            x.grad = None
            net(x)[0].backward(d)
            wait()

        def forward(net=net, x=x):
            with torch.no_grad():
                net(x)
            wait()

        print(_seconds(train), _seconds(forward), flush=True)


def _seconds(function) -> float:
    function()
    begin = time.perf_counter()
    function()
    return time.perf_counter() - begin


def measure(repeats: int) -> None:
    """Prints the table of times."""
    import keras

    torch = Torch()
    ratios = {"keras": ([], []), "torch": ([], [])}
    # on JAX there is nothing that is not compiled
    jits = (True,) if keras.backend.backend() == "jax" else (False, True)
    walks = {}
    print(
        "| batch, time, inputs, units | cell | walk | ms | of the bound |",
        end="",
    )
    print(" Keras | PyTorch | plain cell |\n|" + "---|" * 8)
    for size in SIZES:
        for plain, kin in KIN.items():
            runs = {}
            for name in [plain, *kin]:
                ours = layer(name, size[-1])
                runs[name] = steps(ours, size)
                walks[name] = ours
            for jit in jits:
                theirs = getattr(keras.layers, plain)
                theirs = theirs(size[-1], return_sequences=True)
                runs[f"keras {jit}"] = steps(theirs, size, jit)
            runs["cube"] = [cube()]
            taken = {name: [[], []] for name in [*runs, "torch"]}
            for functions in runs.values():
                for function in functions:
                    function()
            for _ in range(repeats):
                for name, functions in runs.items():
                    for times, function in zip(
                        taken[name], functions, strict=False
                    ):
                        times.append(_seconds(function))
                if torch.there:
                    found = torch.seconds(plain, size)
                    for times, t in zip(taken["torch"], found, strict=True):
                        times.append(t)
            _rows(size, plain, kin, taken, ratios)
    walked = [f"{name} {layer.walked}" for name, layer in walks.items()]
    print(f"walks: {', '.join(walked)}")
    for peer, (training, forward) in ratios.items():
        if training:
            found = [
                f"{kind} {statistics.geometric_mean(r):.2f}, least {min(r):.2f}"
                for kind, r in (("training", training), ("forward", forward))
            ]
            print(f"geometric mean of ratios, {peer}: {', '.join(found)}")


def _rows(size, plain, kin, taken, ratios) -> None:
    batch, length, features, units = size
    median = {
        name: [statistics.median(t) if t else None for t in both]
        for name, both in taken.items()
    }
    rate = 2 * 1024**3 / median["cube"][0]
    products = 2 * batch * length * GATES[plain] * units * (features + units)
    for i, kind in enumerate(("training", "forward")):
        theirs = min(m[i] for n, m in median.items() if n.startswith("keras"))
        bound = products * (3, 1)[i] / rate
        for name in [plain, *kin]:
            ours = median[name][i]
            cells = [f"{ours * 1e3:.1f}", f"{bound / ours:.0%}"]
            cells += ["", "", f"{ours / median[plain][i]:.2f}"]
            if name == plain:
                cells[2] = f"{theirs / ours:.2f}"
                ratios["keras"][i].append(theirs / ours)
                if median["torch"][i]:
                    cells[3] = f"{median['torch'][i] / ours:.2f}"
                    ratios["torch"][i].append(median["torch"][i] / ours)
            at = ", ".join(map(str, size))
            print(
                f"| {at} | {name} | {kind} | {' | '.join(cells)} |", flush=True
            )


def memory() -> None:
    """Prints the peak memory of training steps, a process each."""
    print("| batch, time, inputs, units | cell | Keras, MB | ours, MB |")
    print("|---|---|---|---|")
    for size in SIZES:
        for name in KIN:
            found = []
            for owner in ("keras", "keras-jit", "ours"):
                words = [sys.executable, __file__, "--peak", owner, name]
                words += map(str, size)
                done = subprocess.run(words, capture_output=True, text=True)
                found.append(float(done.stdout.split()[-1]))
            at = ", ".join(map(str, size))
            least = min(found[:2])
            print(
                f"| {at} | {name} | {least:.0f} | {found[2]:.0f} |", flush=True
            )


def peak(owner: str, name: str, *size: str) -> None:
    """Prints how much memory training steps take at their peak, in MB."""
    import resource  # noqa: TID251

    import keras

    size = tuple(map(int, size))
    if owner == "ours":
        made = layer(name, size[-1])
    else:
        made = getattr(keras.layers, name)(size[-1], return_sequences=True)
    small = (2, 3, *size[2:])
    train, _ = steps(made, small, owner == "keras-jit")
    train()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    train, _ = steps(made, size, owner == "keras-jit")
    for _ in range(4):
        train()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print((after - before) / 1024)


def bfloat16(repeats: int) -> None:
    """Prints times by the policy mixed_bfloat16 beside float32."""
    print("| batch, time, inputs, units | cell | float32, ms | bfloat16, ms |")
    print("|---|---|---|---|")
    for size in SIZES:
        for name in ("LSTM", "GRU"):
            runs = [
                steps(layer(name, size[-1], dtype=policy), size)[0]
                for policy in ("float32", "mixed_bfloat16")
            ]
            for run in runs:
                run()
            taken = [[_seconds(run) for run in runs] for _ in range(repeats)]
            ours, half = (
                statistics.median(t) * 1e3 for t in zip(*taken, strict=True)
            )
            at = ", ".join(map(str, size))
            ratio = f"{half:.1f} ({ours / half:.2f} x)"
            print(f"| {at} | {name} | {ours:.1f} | {ratio} |", flush=True)


def generate(repeats: int, units: int = 1024, length: int = 200) -> None:
    """Prints the time of a step of one row, beside reading the weights."""
    print("| weights | MB | ms a step | ms to read them | of the bound |")
    print("|---|---|---|---|---|")
    for policy in ("float32", "mixed_bfloat16", "mixed_float16"):
        size, walk, read = _generator(policy, units, length)
        taken = [(_seconds(walk), _seconds(read)) for _ in range(repeats)]
        step, reading = map(statistics.median, zip(*taken, strict=True))
        step, reading = 1e3 * step / length, 1e3 * reading
        print(
            f"| {policy} | {size / 1e6:.1f} | {step:.2f} | {reading:.2f} | "
            f"{reading / step:.0%} |",
            flush=True,
        )


def _generator(policy: str, units: int, length: int):
    """Bytes of the weights, a walk of one row, and a look at so many bytes."""
    import tensorflow as tf

    from seqapps import layers

    cell = layers.LSTMCell(units, dtype=policy)
    cell.build((1, units))
    wide = (cell.kernel, cell.recurrent_kernel)
    kernels = [tf.cast(w.value, cell.compute_dtype) for w in wide]

    def matmul(x, kernel):
        kernel = kernels[0] if kernel is cell.kernel else kernels[1]
        return tf.matmul(tf.cast(x, kernel.dtype), kernel)

    def step(t, h, c):
        noise = cell.draw(h)
        p = cell.project(h, noise, matmul=matmul)
        _, states = cell.advance(p, [h, c], noise, matmul)
        return t + 1, *states

    def walk():
        states = cell.get_initial_state(1)
        return tf.while_loop(lambda t, *_: t < length, step, [0, *states])

    size = sum(k.dtype.size * k.shape.num_elements() for k in kernels)
    buffer = tf.random.normal([size // 4])
    run = tf.function(walk, autograph=False)
    read = tf.function(lambda: tf.reduce_max(buffer), autograph=False)
    return size, lambda: run()[1].numpy(), lambda: read().numpy()


def main() -> None:
    """Measures what is asked for."""
    if sys.argv[1:2] == ["--torch"]:
        return torch_server()
    if sys.argv[1:2] == ["--peak"]:
        return peak(*sys.argv[2:])
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parts = {"time": measure, "memory": memory}
    parts |= {"bfloat16": bfloat16, "generate": generate}
    parser.add_argument("parts", nargs="*", help=", ".join(parts))
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument(
        "--size",
        action="append",
        type=lambda text: tuple(map(int, text.split(","))),
        help="batch, time, inputs, units; may be given again",
    )
    given = parser.parse_args()
    SIZES[:] = given.size or SIZES
    for part in given.parts or parts:
        print(f"\n{part}\n")
        parts[part](*() if part == "memory" else (given.repeats,))


if __name__ == "__main__":
    main()

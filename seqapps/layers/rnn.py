"""Walking a cell through time."""

import importlib
import math

import keras
from keras import ops

from seqapps.layers.cells.arguments import config_of, named
from seqapps.layers.cells.cell import Cell
from seqapps.layers.walks import bptt, cudnn
from seqapps.layers.walks.bptt import How
from seqapps.layers.walks.choice import FAST, WAYS, WORTH, waits, way
from seqapps.layers.walks.loop import loop
from seqapps.layers.walks.scan import scan


@keras.saving.register_keras_serializable(package="seqapps")
class RNN(keras.layers.RNN):
    """Walks a cell through time, the whole sequence projected at once.

    For t = 1 ... T, or T ... 1 if `go_backwards`:
    ```
    noise = cell.draw(sequences)                     before the first step
    p = cell.project(sequences, noise)               (batch, T, n), one product
    y_t, s_t = cell.step(p_t, s_{t-1}, noise)
    ```
    Where the mask is False, s_t = s_{t-1} and y_t = y_{t-1}, with y_0 = 0.
    Any pattern of False will do, also a row that has nothing else.

    The same numbers come by several ways; after a call, `walk` says which:
    ```
    "loop"    Keras's loop over time, differentiated as it stands
    "fast"    a loop forward and one back, scheduled by hand and compiled;
              see `bptt.on_tensorflow`
    "scan"    no loop: for a `LinearCell`, where T is known
    "cudnn"   NVIDIA's library, through Keras: for a plain `LSTMCell`, and on
              TensorFlow `GRUCell`, on a GPU
    ```
    By itself a layer takes "cudnn" where it can, "scan" for a `LinearCell`,
    else "fast"; but "loop" outside `tf.function`, with `unroll`, on torch,
    for a cell that is no `seqapps.layers.Cell`, at inference where T is not
    known, and while a model is exported, for its file to run anywhere.
    On TensorFlow "fast" begins with the loop: XLA compiles every batch size
    and length anew, so a shape is compiled once it has come often.

    cuDNN wants no mask, tanh and sigmoid, a bias, `reset_after`, no recurrent
    dropout, no `unroll`, and the policy float32: in a mixed one it would
    round c. On TensorFlow XLA cannot compile it: in a
    `tf.function(jit_compile=True)` of one's own ask for "fast".

    Args:
        cell: a cell, or a list of cells to be stacked.
        return_sequences: return y_1 ... y_T and not only y_T.
        return_state: return the last states too, in the cell's `state_dtype`.
        go_backwards: walk from the end; the outputs come in that order.
        stateful: begin where the last batch ended; needs a fixed batch size.
        unroll: write out every step instead of a loop; needs a known T.
        zero_output_for_mask: with `return_sequences`, y_t = 0 where masked.
        walk: one of the above, or "auto" to choose.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`.

    Call arguments:
        sequences: `(batch, time, features)`.
        initial_state: a tensor or list of tensors `(batch, size)`, else 0.
        mask: `(batch, time)`, False for a step that is not there.
        training: whether the cell may draw its noise.
        sequences_mask: the mask that came with `sequences`, if no other is
            given; Keras fills it in where there is an `initial_state` too.

    Raises:
        ValueError: if T is 0, a stateful layer meets another batch size, an
            unrolled one an unknown T, or there is no such `walk`, or not for
            this cell, this mask or this machine.

    Example:
        ```python
        cell = seqapps.layers.LSTMCell(5)
        layer = seqapps.layers.RNN(cell, return_sequences=True)
        layer(keras.random.normal((3, 7, 2))).shape  # (3, 7, 5)
        ```
    """

    argument_names: tuple[str, ...] = ()  # of a layer that makes its cell

    def __init__(
        self,
        cell,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        walk: str = "auto",
        **kwargs,
    ):
        arguments = named(locals())
        del arguments["walk"]
        super().__init__(**arguments, **kwargs)
        self.walk = self.asked_walk = walk
        if walk not in WAYS:
            raise ValueError(f"walk must be one of {', '.join(WAYS)}: {walk}")
        self.supports_masking = True  # Keras 3.16 says False
        if isinstance(self.cell, Cell):
            self.autocast = False  # it would round the initial states

    def build(self, sequences_shape, initial_state_shape=None):
        super().build(sequences_shape, initial_state_shape)
        self._batch_size = sequences_shape[0]
        if not isinstance(self.cell, Cell):
            return
        if self.stateful:
            self._make_state_variables()
        self.cell.build_inside(sequences_shape[-1])
        if keras.backend.backend() == "tensorflow":
            self._worth = importlib.import_module(WORTH).Worth()

    @property
    def supports_jit(self):
        """Whether XLA may compile a model around it."""
        on_tensorflow = keras.backend.backend() == "tensorflow"
        if on_tensorflow and cudnn.obstacle(self) is None:
            return False
        return self._supports_jit

    @supports_jit.setter
    def supports_jit(self, value):  # by Keras's constructor
        self._supports_jit = value

    def call(
        self,
        sequences,
        initial_state=None,
        mask=None,
        training=False,
        sequences_mask=None,
    ):
        if sequences.shape[1] == 0:
            raise ValueError(f"no step of time: shape {sequences.shape}")
        mask = sequences_mask if mask is None else mask  # (batch, time)
        if not isinstance(self.cell, Cell):
            return super().call(sequences, initial_state, mask, training)
        # Keras's own `call` would round all states to the compute dtype.
        self._check(*sequences.shape[:2])
        if initial_state is None and self.stateful:
            initial_state = self.states
        if initial_state is None:
            initial_state = self.get_initial_state(ops.shape(sequences)[0])
        if not isinstance(initial_state, (list, tuple)):
            initial_state = [initial_state]
        last, outputs, states = self.inner_loop(
            sequences, initial_state, mask, training
        )
        if self.stateful:
            self._remember(states)
        output = outputs if self.return_sequences else last
        return (output, *states) if self.return_state else output

    def _make_state_variables(self):
        """Replaces Keras's variables by some that have the `state_dtype`."""
        dtype = self.cell.state_dtype
        options = {"trainable": False, "autocast": False, "name": "rnn_state"}
        # past `__setattr__`, for they are no weights of the layer
        vars(self)["states"] = [
            keras.Variable(state, dtype=dtype, **options)
            for state in self.get_initial_state(self._batch_size)
        ]

    def _remember(self, states):
        variables, states = map(keras.tree.flatten, (self.states, states))
        for variable, state in zip(variables, states, strict=True):
            variable.assign(state)

    def reset_state(self):
        if self.states is not None:
            self._remember(self.get_initial_state(self._batch_size))

    def compute_output_spec(self, *args, **kwargs):
        spec = super().compute_output_spec(*args, **kwargs)
        if not self.return_state or not isinstance(self.cell, Cell):
            return spec
        output, *states = spec
        dtype = self.cell.state_dtype
        return output, *(keras.KerasTensor(s.shape, dtype) for s in states)

    def _check(self, batch, time):
        if self.unroll and time is None:
            raise ValueError("unroll=True needs a known number of steps")
        expected = self._batch_size
        if self.stateful and None not in (batch, expected):
            if batch != expected:
                raise ValueError(
                    f"A stateful layer was built for batch size {expected}, "
                    f"and met batch size {batch}"
                )

    def inner_loop(self, sequences, initial_state, mask, training=False):
        cell, time = self.cell, sequences.shape[1]
        self.walk = way(self, time, mask, training)
        if not isinstance(cell, Cell):
            return super().inner_loop(sequences, initial_state, mask, training)
        noise = cell.draw(sequences, training)
        states = [ops.cast(state, cell.state_dtype) for state in initial_state]
        if self.walk == "cudnn":
            try:
                return cudnn.walk(self, sequences, states, noise)
            except NotImplementedError:  # placed on a CPU, for one
                why = "Keras refuses"
                self.walk = way(self, time, mask, training, why)
        zero = self.zero_output_for_mask and self.return_sequences
        given = sequences, states, noise, mask, zero
        if self.walk == "fast":
            fast = self._in_time if waits(self) else self._fast
            return fast(*given, training=training)
        if self.walk == "scan":
            projected = self._projected(sequences, noise)
            return scan(cell, projected, *states, mask, self.go_backwards, zero)
        return self._loop(*given)

    def _projected(self, sequences, noise):
        cell = self.cell
        projected = cell.project(sequences, noise, matmul=cell.matmul)
        return keras.tree.map_structure(cell.narrow, projected)

    def _loop(self, sequences, states, noise, mask, zero):
        projected = self._projected(sequences, noise)  # (batch, time, n)
        return loop(self, projected, states, noise, mask, zero)

    def _in_time(self, *given, training):
        """The fast walk, or the loop until a shape is worth compiling."""
        weights = sum(math.prod(w.shape) for w in self.cell.weights)
        return self._worth.choose(
            self._worth.compiling(given[0], weights, training),
            lambda: self._fast(*given, training=training),
            lambda: self._loop(*given),
            self.return_sequences,
        )

    def _fast(self, sequences, states, noise, mask, zero, training):
        walk = importlib.import_module(FAST[keras.backend.backend()]).walk
        marks = bptt.marks(mask, sequences, zero, self.go_backwards)
        how = How(bool(training), self.return_sequences, self.go_backwards)
        outputs, last, states = walk(
            self.cell, sequences, states, noise, marks, how
        )
        return last, outputs, states

    def get_config(self):
        config = {
            **super().get_config(),
            **config_of(self, self.argument_names),
        }
        if self.argument_names:  # the cell's are among them
            del config["cell"]
        if self.asked_walk != "auto":  # or Keras could not read it
            config["walk"] = self.asked_walk
        return config

"""The layer `RNN`: any cell, over all timesteps."""

import importlib
from collections.abc import Sequence
from typing import Any, Unpack

import keras
from keras import ops

from seqapps import deprecated
from seqapps.layers.cells.arguments import config_of, named
from seqapps.layers.cells.cell import Cell
from seqapps.layers.types import RNNOptions, Shape, Tensor, WalkName
from seqapps.layers.walks import cudnn
from seqapps.layers.walks.choice import COMPILE_POLICY, WALKS, choose_walk
from seqapps.layers.walks.run import Call, run


@keras.saving.register_keras_serializable(package="seqapps")
class RNN(keras.layers.RNN):
    """Runs a cell over all timesteps; projects the whole sequence at once.

    For t = 1 ... T, or T ... 1 if `go_backwards`:
    ```
    noise = cell.draw(sequences)                     before the first step
    p = cell.project(sequences, noise)               (batch, T, n), one product
    y_t, s_t = cell.step(p_t, s_{t-1}, noise)
    ```
    Where the mask is False, s_t = s_{t-1} and y_t = y_{t-1}, with y_0 = 0.
    A mask may have any pattern, also a row of False alone.

    Several walks compute the same results. `walk` requests one:
    ```
    "auto"    the layer chooses, as below
    "loop"    Keras's loop over time, with plain automatic differentiation
    "fast"    a loop forward and one backward, scheduled by hand and compiled;
              see `bptt.on_tensorflow`
    "scan"    no loop: for a `LinearCell`, where T is known
    "cudnn"   NVIDIA's library, through Keras: for a plain `LSTMCell`, and on
              TensorFlow `GRUCell`, on a GPU
    ```
    After a call, `walked` is the walk of that call.

    "auto" takes "cudnn" where it can, "scan" for a `LinearCell`, else "fast";
    but "loop" outside `tf.function`, with `unroll`, on torch, for a cell that
    is no `seqapps.layers.Cell`, at inference where T is not known, and while a
    model is exported, so that its file runs anywhere. On TensorFlow, XLA
    compiles every batch size and length anew: in Keras's own steps, "fast"
    takes the loop for a shape until it is frequent.

    cuDNN supports no mask, tanh and sigmoid, a bias, `reset_after`, no
    recurrent dropout, no `unroll`, and the policy float32: in a mixed one it
    would round c. On TensorFlow XLA cannot compile it: in a
    `tf.function(jit_compile=True)` of your own request "fast".

    Args:
        cell: a cell, or a list of cells to be stacked.
        return_sequences: return y_1 ... y_T, not only y_T.
        return_state: return the last states too, in the cell's `state_dtype`.
        go_backwards: start at the last timestep; the outputs have that order.
        stateful: start with the last states of the batch before; needs a
            fixed batch size.
        unroll: write out every step instead of a loop; needs a known T.
        zero_output_for_mask: with `return_sequences`, y_t = 0 where masked.
        walk: "auto", or the walk to take.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`.

    Call arguments:
        sequences: `(batch, time, features)`.
        initial_state: a tensor or list of tensors `(batch, size)`; else 0.
        mask: `(batch, time)`, False at the timesteps to skip.
        training: whether the cell draws its noise.
        sequences_mask: the mask of `sequences`, used if there is no `mask`;
            Keras passes it where there is an `initial_state` too.

    Raises:
        ValueError: T is 0, a stateful layer is called with another batch
            size, T is not known to an unrolled layer, or the walk does not
            exist or is not possible for this cell, mask or machine.

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
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        walk: WalkName = "auto",
        **kwargs: Unpack[RNNOptions],
    ):
        arguments = named(locals())
        del arguments["walk"]
        super().__init__(**arguments, **kwargs)
        if walk not in WALKS:
            raise ValueError(f"walk must be one of {', '.join(WALKS)}: {walk}")
        self.walk: WalkName = walk
        self.walked: WalkName | None = None
        self.supports_masking = True  # Keras 3.16 says False
        if isinstance(self.cell, Cell):
            self.autocast = False  # it would round the initial states

    @property
    def asked_walk(self) -> WalkName:
        """The name of `walk` in release 0.1."""
        deprecated.warn("`asked_walk`", "`walk`")
        return self.walk

    def __dir__(self) -> list[str]:
        # Keras reads all of these names when it saves a layer
        return [name for name in super().__dir__() if name != "asked_walk"]

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "asked_walk":
            deprecated.warn("`asked_walk`", "`walk`")
            name = "walk"
        super().__setattr__(name, value)

    def build(
        self, sequences_shape: Shape, initial_state_shape: Any = None
    ) -> None:
        super().build(sequences_shape, initial_state_shape)
        self._batch_size = sequences_shape[0]
        if not isinstance(self.cell, Cell):
            return
        if self.stateful:
            self._make_state_variables()
        self.cell.build_inside(sequences_shape[-1])
        if keras.backend.backend() == "tensorflow":
            policy = importlib.import_module(COMPILE_POLICY)
            self.compile_policy = policy.CompilePolicy()

    @property
    def supports_jit(self) -> bool:
        """Whether XLA can compile a model that contains the layer."""
        on_tensorflow = keras.backend.backend() == "tensorflow"
        if on_tensorflow and cudnn.obstacle(self) is None:
            return False
        return self._supports_jit

    @supports_jit.setter
    def supports_jit(self, value: bool) -> None:  # by Keras's constructor
        self._supports_jit = value

    def call(
        self,
        sequences: Tensor,
        initial_state: Any = None,
        mask: Tensor | None = None,
        training: bool = False,
        sequences_mask: Tensor | None = None,
    ) -> Any:
        if sequences.shape[1] == 0:
            raise ValueError(f"no step of time: shape {sequences.shape}")
        mask = sequences_mask if mask is None else mask  # (batch, time)
        if not isinstance(self.cell, Cell):
            return super().call(sequences, initial_state, mask, training)
        # Keras's `call` would round all states to the compute dtype
        self._check_shape(*sequences.shape[:2])
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
            self._assign_states(states)
        output = outputs if self.return_sequences else last
        return (output, *states) if self.return_state else output

    def _make_state_variables(self) -> None:
        """Replaces Keras's variables by some that have the `state_dtype`."""
        dtype = self.cell.state_dtype
        options = {"trainable": False, "autocast": False, "name": "rnn_state"}
        # past `__setattr__`, for they are no weights of the layer
        self.__dict__["states"] = [
            keras.Variable(state, dtype=dtype, **options)
            for state in self.get_initial_state(self._batch_size)
        ]

    def _assign_states(self, states: Any) -> None:
        variables, states = map(keras.tree.flatten, (self.states, states))
        for variable, state in zip(variables, states, strict=True):
            variable.assign(state)

    def reset_state(self) -> None:
        if self.states is not None:
            self._assign_states(self.get_initial_state(self._batch_size))

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        spec = super().compute_output_spec(*args, **kwargs)
        if not self.return_state or not isinstance(self.cell, Cell):
            return spec
        output, *states = spec
        dtype = self.cell.state_dtype
        return output, *(keras.KerasTensor(s.shape, dtype) for s in states)

    def _check_shape(self, batch: int | None, time: int | None) -> None:
        if self.unroll and time is None:
            raise ValueError("unroll=True needs a known number of steps")
        expected = self._batch_size
        if self.stateful and None not in (batch, expected):
            if batch != expected:
                raise ValueError(
                    f"A stateful layer was built for batch size {expected}, "
                    f"and called with batch size {batch}"
                )

    def inner_loop(
        self,
        sequences: Tensor,
        initial_state: Sequence[Tensor],
        mask: Tensor | None,
        training: bool = False,
    ) -> tuple[Tensor, Tensor | None, list[Tensor]]:
        cell, time = self.cell, sequences.shape[1]
        self.walked = choose_walk(self, time, mask, training)
        if not isinstance(cell, Cell):
            return super().inner_loop(sequences, initial_state, mask, training)
        noise = cell.draw(sequences, training)
        states = [ops.cast(state, cell.state_dtype) for state in initial_state]
        if self.walked == "cudnn":
            try:
                return cudnn.walk(self, sequences, states, noise)
            except NotImplementedError:  # such as for a layer on a CPU
                self.walked = choose_walk(
                    self, time, mask, training, "Keras refuses"
                )
        return run(self, Call(sequences, states, noise, mask, training))

    def get_config(self) -> dict[str, Any]:
        names = self.argument_names
        config = {**super().get_config(), **config_of(self, names)}
        if names:  # the cell's are among them
            del config["cell"]
        if self.walk != "auto":  # or Keras could not read it
            config["walk"] = self.walk
        return config

"""What seqapps uses of Keras and TensorFlow beside their public API.

This is the only file that imports from `keras.src`, `tensorflow.python` or
`tensorflow.compiler`, or reads an attribute of theirs with an underscore
(`tracing` reads the stack). Each entry says why it is needed. Each has a test
in `tests/test_private.py`, and works with Keras 3.13 to 3.15 and TensorFlow
2.21 unless it says otherwise. Nothing is imported before it is used: this file
is read for `--help`, and without TensorFlow where Keras runs on JAX.
"""

import importlib
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keras.src.layers.rnn.dropout_rnn_cell import (
        DropoutRNNCell as DropoutRNNCell,
    )
    from keras.src.models.functional import Functional as Functional
    from keras.src.trainers.compile_utils import CompileLoss as CompileLoss

_CLASSES = {
    # the only class whose noise `keras.layers.RNN` draws before its loop
    "DropoutRNNCell": "keras.src.layers.rnn.dropout_rnn_cell",
    # what `keras.Model(inputs, outputs)` is an instance of
    "Functional": "keras.src.models.functional",
    # what `Model.compile` makes of its `loss`
    "CompileLoss": "keras.src.trainers.compile_utils",
}


def __getattr__(name: str) -> Any:
    if name not in _CLASSES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_CLASSES[name]), name)


# Keras: layers


def call_is_training() -> bool:
    """Returns a call's `training`, which RNN does not pass to its dropout."""
    from keras.src.backend.common import global_state

    context = global_state.get_global_attribute("current_call_ctx")
    return bool(context is not None and context.get_value("training"))


def layers_inside(layer: Any) -> list[Any]:
    """Returns a layer and all in it; `Model.layers` has the first level."""
    return list(layer._flatten_layers())


def keras_rnn(*args: Any, **kwargs: Any) -> Any:
    """Keras's loop over time, which `keras.layers.RNN` fixes to its cell."""
    from keras.src import backend

    return backend.rnn(*args, **kwargs)


def keras_cudnn(name: str | None, *args: Any, **kwargs: Any) -> Any:
    """Calls the function "lstm" or "gru" of Keras's backend.

    It is the only way to cuDNN. It raises `NotImplementedError` where cuDNN
    cannot be used.
    """
    from keras.src import backend

    return getattr(backend, name)(*args, **kwargs)


class FusedDirections:
    """Lets a subclass of `keras.layers.Bidirectional` use cuDNN (a mixin).

    Keras 3.15 calls cuDNN once for both directions, but only for its own
    layers; older versions call none of these methods. Where cuDNN cannot be
    used, Keras catches the error of `super()` and goes on without.
    """

    def can_fuse(
        self, function: str, states: int, mask: Any, initial_state: Any
    ) -> bool:
        """Whether "lstm" or "gru" can walk both; they have so many states."""
        raise NotImplementedError

    def after_fusion(self) -> None:
        """Called when cuDNN has computed both directions."""
        raise NotImplementedError

    def _can_attempt_fused_lstm(self, mask: Any, initial_state: Any) -> bool:
        return self.can_fuse("lstm", 4, mask, initial_state)

    def _can_attempt_fused_gru(self, mask: Any, initial_state: Any) -> bool:
        return self.can_fuse("gru", 2, mask, initial_state)

    def _call_fused_lstm(self, *args: Any) -> Any:
        base: Any = super()
        outputs = base._call_fused_lstm(*args)
        self.after_fusion()
        return outputs

    def _call_fused_gru(self, *args: Any) -> Any:
        base: Any = super()
        outputs = base._call_fused_gru(*args)
        self.after_fusion()
        return outputs


# Keras: training


def keras_mask(tensor: Any) -> Any:
    """Returns the mask that Keras attached to a tensor, or None."""
    return getattr(tensor, "_keras_mask", None)


def compiled_loss(model: Any) -> Any:
    """Returns the `CompileLoss` of a compiled model; None without a loss."""
    return model._compile_loss


def set_compiled_loss(model: Any, loss: Any) -> None:
    """Replaces it: Keras compiles no loaded model with a `compile` of ours."""
    model._compile_loss = loss


def arguments_of_loss(compiled: Any) -> dict[str, Any]:
    """Returns the arguments that make a `CompileLoss` like this one."""
    return {
        "loss": compiled._user_loss,
        "loss_weights": compiled._user_loss_weights,
        "output_names": compiled.output_names,
    }


def wrap_losses(
    compiled: Any, loss: Callable[..., Any], metric: Callable[..., Any]
) -> None:
    """Wraps the losses of a built `CompileLoss` and renews its metrics.

    Args:
        compiled: the `CompileLoss`.
        loss: makes one loss of another.
        metric: makes a metric of a `name`.
    """
    compiled._flat_losses = [
        each._replace(loss=loss(each.loss)) for each in compiled._flat_losses
    ]
    compiled._metrics[:] = [metric(name=m.name) for m in compiled._metrics]


def metric_direction(metric: Any) -> str | None:
    """Returns "up" or "down", which is better for a metric; None if unknown."""
    return getattr(metric, "_direction", None)


def take_summed(optimizer: Any) -> None:
    """Lets an optimizer take gradients that are summed over the replicas.

    It would clip them before it sums them.
    """
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    inner._all_reduce_sum_gradients = list


def set_cardinality(dataset: Any, batches: int) -> None:
    """Tells Keras how many batches a distributed dataset has.

    One that is made by a function counts the elements of a worker.
    """
    dataset._cardinality = batches


class BuiltFromLocalBatch:
    """Lets Keras build a model from one replica's share of a batch (a mixin).

    Keras takes the mean of all shares, which are of unequal size, or lie with
    several workers.
    """

    def _maybe_symbolic_build(
        self, iterator: Any = None, data_batch: Any = None
    ) -> None:
        base: Any = super()
        strategy = base.distribute_strategy
        if iterator is not None and strategy.num_replicas_in_sync > 1:
            import tensorflow as tf

            _, _, batches = next(iter(iterator))
            data_batch = tf.nest.map_structure(
                lambda x: strategy.experimental_local_results(x)[0],
                next(batches),
            )
            iterator = None
        base._maybe_symbolic_build(iterator, data_batch)


def weights_as_h5(model: Any) -> bytes:
    """Returns what `save_weights` writes: HDF5 crashes on a full disk."""
    from keras.src.saving import saving_lib

    store = saving_lib.H5IOStore(file := io.BytesIO(), mode="w")
    saving_lib._save_state(model, store, None, "", set())
    store.close()
    return file.getvalue()


# TensorFlow


def xla_slice(stack: Any, start: Any, size: Any) -> Any:
    """Reads `stack[start : start + size]` by XLA's own operation.

    `tf.slice` checks its bounds at every step of a loop; this does not.
    """
    from tensorflow.compiler.tf2xla.ops import gen_xla_ops

    return gen_xla_ops.xla_dynamic_slice(stack, start, size)


def xla_update(stack: Any, part: Any, start: Any) -> Any:
    """Writes `part` into a stack in place, which no public function does."""
    from tensorflow.compiler.tf2xla.ops import gen_xla_ops

    return gen_xla_ops.xla_dynamic_update_slice(stack, part, start)


def autograph_of(function: Any) -> bool:
    """Whether AutoGraph translates a `tf.function`, so that a copy does too."""
    return bool(function._autograph)


def op_definition(name: str) -> Any:
    """Returns an operation's `OpDef` (does it keep state?), or None."""
    from tensorflow.python.framework import op_def_registry

    return op_def_registry.get(name)

"""What seqapps uses of Keras and TensorFlow beside their public API.

This is the only file that imports from `keras.src`, `tensorflow.python` or
`tensorflow.compiler`, or reads an attribute of theirs with an underscore. Each
entry says why it is needed. Each has a test in `tests/test_private.py`, and
works with Keras 3.13 to 3.15 and TensorFlow 2.21 unless it says otherwise.
Nothing is imported before it is used: this file is read for `--help`, and
without TensorFlow where Keras runs on JAX.
"""

import importlib
import inspect
import io
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
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


def clip_gradients(optimizer: Any, gradients: Sequence[Any]) -> list[Any]:
    """Clips as an optimizer does; across replicas that is after the sum."""
    return list(optimizer._clip_gradients(gradients))


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


# What is being traced: neither library says so, but the calls on the stack do.

_KERAS_TRAINER = "keras.src.backend.tensorflow.trainer"
_KERAS_STEPS = ("train_step", "test_step", "predict_step")
_TF_FUNCTION = "tensorflow.python.eager.polymorphic_function"
_EXPORTERS = (
    "keras.src.export",
    "seqapps.export",
    "tensorflow.lite.python",
    "tensorflow.python.saved_model.save",
)


def calls_on_stack(*modules: str) -> Iterator[FrameType]:
    """Yields the calls being made in modules, or below them; newest first."""
    frame = inspect.currentframe()
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith(modules):
            yield frame
        frame = frame.f_back


def tracing_keras_step() -> bool:
    """Whether Keras traces its training, test or prediction step."""
    return any(
        frame.f_code.co_name in _KERAS_STEPS
        for frame in calls_on_stack(_KERAS_TRAINER)
    )


def tracing_for_xla() -> bool:
    """Whether a `tf.function(jit_compile=True)` is being traced."""
    return any(
        getattr(frame.f_locals.get("self"), "_jit_compile", None) is True
        for frame in calls_on_stack(_TF_FUNCTION)
    )


def tracing_loop_body() -> bool:
    """Whether the body of a TensorFlow loop or branch is being traced."""
    import tensorflow as tf

    graph = tf.compat.v1.get_default_graph()
    return type(graph).__name__ != "FuncGraph"


def exporting() -> bool:
    """Whether a model is being traced to be written to a file.

    The file is to run on other machines and in other programs, such as
    LiteRT, that have neither XLA nor cuDNN.
    """
    return any(True for _ in calls_on_stack(*_EXPORTERS))

"""What is being traced: no library says so, but the calls on the stack do."""

import inspect
from collections.abc import Iterator
from types import FrameType

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


def keras_step() -> bool:
    """Whether Keras traces its training, test or prediction step."""
    return any(
        frame.f_code.co_name in _KERAS_STEPS
        for frame in calls_on_stack(_KERAS_TRAINER)
    )


def for_xla() -> bool:
    """Whether a `tf.function(jit_compile=True)` is being traced."""
    return any(
        getattr(frame.f_locals.get("self"), "_jit_compile", None) is True
        for frame in calls_on_stack(_TF_FUNCTION)
    )


def loop_body() -> bool:
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

"""The train step of all tasks: the same on one device and on many."""

from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf

from seqapps import private
from seqapps.devices import Workers
from seqapps.training.mean_loss import CompiledLoss, counting

if TYPE_CHECKING:  # it is mixed into one
    from keras import Model as _Model
else:
    _Model = object


class TrainStep(private.BuiltFromLocalBatch, _Model):
    """A loss that is a mean over all targets of all replicas (a mixin).

        L = sum_i w_i l_i / sum_i w_i + penalties

    where i goes over every term of the loss (each row, or each token of each
    row) in the global batch; masks are weights of 0. The weights are summed
    over the replicas, then the gradients, and only then are gradients clipped,
    by the optimizer's own `clipnorm`, `global_clipnorm` or `clipvalue`: so two
    devices do what one does, also with a batch that does not divide. (Keras
    clips before the sum, and averages the means of unequal shares.)

    Compile the model with a loss whose `reduction` is "sum". One of another
    reduction is divided by what Keras divides it by: the number of terms, for
    "sum_over_batch_size". The logged loss of an epoch is the mean over the
    terms of all its batches.

    A model that is a class of its own derives from this and `keras.Model`, not
    from `SequenceModel`: Keras rewrites the bases of a class, and so of all
    that derive from it, once a functional model is made of it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mean_loss = keras.metrics.Mean(name="loss")

    @property
    def metrics(self) -> list[Any]:
        rest = [m for m in super().metrics if m.name != "loss"]
        return [self.mean_loss, *rest]

    def compute_loss(self, *args: Any, **kwargs: Any) -> Any:
        # not in `compile`: Keras restores no model that has its own
        compiled = private.compiled_loss(self)
        if compiled and not isinstance(compiled, CompiledLoss):
            private.set_compiled_loss(self, CompiledLoss.of(compiled))
        return super().compute_loss(*args, **kwargs)

    def train_step(self, data: Any) -> Any:
        x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
        context = tf.distribute.get_replica_context()
        with tf.GradientTape() as tape, counting() as counts:
            predicted = self._forward(x, training=True)
            share = self.compute_loss(x, y, predicted, weights, training=True)
            loss = self.optimizer.scale_loss(share)
        variables = self.trainable_variables
        # Dense, for the norm of an embedding's slices would count a row that
        # occurs twice as two rows, and clip too much.
        gradients = [
            None if g is None else tf.convert_to_tensor(g)
            for g in tape.gradient(loss, variables)
        ]
        if context.num_replicas_in_sync > 1:
            gradients = self._summed(gradients, context)
        self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return self._report(x, y, predicted, weights, share, counts)

    def test_step(self, data: Any) -> Any:
        x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
        predicted = self._forward(x, training=False)
        with counting() as counts:
            share = self.compute_loss(x, y, predicted, weights, training=False)
        return self._report(x, y, predicted, weights, share, counts)

    def _forward(self, x: Any, training: bool) -> Any:
        if "training" in self.call_signature_parameters:
            return self(x, training=training)
        return self(x)

    def _summed(self, gradients: list[Any], context: Any) -> list[Any]:
        """Gradients of the global loss, which the optimizer clips."""
        private.take_summed(self.optimizer)
        present = [g for g in gradients if g is not None]
        summed = iter(context.all_reduce("sum", present))
        return [None if g is None else next(summed) for g in gradients]

    def _report(
        self,
        x: Any,
        y: Any,
        predicted: Any,
        weights: Any,
        share: Any,
        counts: list[Any],
    ) -> Any:
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        if not counts:  # a `compute_loss` of its own; by rows, as Keras does
            counts = [tf.cast(tf.shape(keras.tree.flatten(x)[0])[0], "float32")]
        # not 0, for a batch without weight may yet have penalties
        count = tf.maximum(tf.add_n(counts), keras.config.epsilon())
        self.mean_loss.update_state(share * replicas, count / replicas)
        logs = self.compute_metrics(x, y, predicted, weights)
        if Workers(tf.distribute.get_strategy()).count > 1:
            # there Keras takes the mean over the first axis
            logs = {name: value[tf.newaxis] for name, value in logs.items()}
        return logs


@keras.saving.register_keras_serializable(package="seqapps")
class SequenceModel(TrainStep, keras.Model):
    """A functional Keras model, `SequenceModel(inputs, outputs)`, with it."""

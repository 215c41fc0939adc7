"""The train step that all tasks share: right on one device and on many."""

import keras
import tensorflow as tf


class TrainStep:
    """A loss that is a mean over all targets of all replicas (a mixin).

        L = sum_i w_i l_i / sum_i w_i

    where i goes over every target (each token of each row) of the global
    batch. The counts are summed over the replicas, then the gradients, and
    only then are gradients clipped, by the optimizer's own `clipnorm`,
    `global_clipnorm` or `clipvalue`: so two devices do what one does, also
    with a batch that does not divide. (Keras clips before the sum, and
    averages the means of unequal shares.)

    Compile the model with a loss whose `reduction` is "sum". A model that is
    a class of its own derives from this and `keras.Model`, not from
    `SequenceModel`: Keras rewrites the bases of a class, and so of all that
    derive from it, once a functional model is made of it.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.mean_loss = keras.metrics.Mean(name="loss")

    @property
    def metrics(self):
        rest = [m for m in super().metrics if m.name != "loss"]
        return [self.mean_loss, *rest]

    def train_step(self, data):
        x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
        context = tf.distribute.get_replica_context()
        replicas = context.num_replicas_in_sync
        with tf.GradientTape() as tape:
            predicted = self(x, training=True)
            total = self._sum_loss(x, y, predicted, weights, True)
            count = _count(y, weights)
            everywhere = count
            if replicas > 1:
                everywhere = context.all_reduce("sum", count)
            penalty = tf.add_n([*self.losses, tf.zeros(())]) / replicas
            loss = total / tf.maximum(everywhere, 1.0) + penalty
            loss = self.optimizer.scale_loss(loss)
        variables = self.trainable_variables
        # Dense, for the norm of an embedding's slices would count a row that
        # occurs twice as two rows, and clip too much.
        gradients = [
            None if g is None else tf.convert_to_tensor(g)
            for g in tape.gradient(loss, variables)
        ]
        if replicas > 1:
            gradients = context.all_reduce("sum", gradients)
            # Clipped as a whole; then a share each, for the optimizer sums
            # over replicas once more, and finds nothing left to clip.
            clipped = self.optimizer._clip_gradients(gradients)
            gradients = [g / replicas for g in clipped]
        self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return self._report(x, y, predicted, weights, total, count)

    def test_step(self, data):
        x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
        predicted = self(x, training=False)
        total = self._sum_loss(x, y, predicted, weights, False)
        count = _count(y, weights)
        return self._report(x, y, predicted, weights, total, count)

    def _sum_loss(self, x, y, predicted, weights, training):
        total = self.compute_loss(x, y, predicted, weights, training=training)
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        return total - tf.add_n([*self.losses, tf.zeros(())]) / replicas

    def _report(self, x, y, predicted, weights, total, count):
        mean = tf.math.divide_no_nan(total, count)
        self.mean_loss.update_state(mean, sample_weight=count)
        return self.compute_metrics(x, y, predicted, weights)


def _count(y, weights):
    if weights is None:
        return tf.cast(tf.size(y), tf.float32)
    return tf.reduce_sum(tf.cast(weights, tf.float32))


@keras.saving.register_keras_serializable(package="seqapps")
class SequenceModel(TrainStep, keras.Model):
    """A functional Keras model, `SequenceModel(inputs, outputs)`, with it."""

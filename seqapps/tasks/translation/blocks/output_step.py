"""The train step with the loss of `output_loss`."""

from typing import Any

from keras import ops

from seqapps.tasks.translation.blocks.loss import SmoothedCrossentropy
from seqapps.tasks.translation.blocks.output_loss import (
    Outputs,
    Terms,
    smoothed_terms,
)
from seqapps.training.mean_loss import MeanLoss
from seqapps.training.train_step import TrainStep


class OutputStep(TrainStep):
    """A train step that keeps no logits of whole batches (a mixin).

    The loss is that of `SmoothedCrossentropy` of `call`, if the model is
    compiled with it; with another one the logits are computed as usual, and
    with the policy "mixed_float16" too.
    """

    def _forward(self, x: Any, training: bool) -> Any:
        fused = isinstance(self.loss, SmoothedCrossentropy)
        if not (training and fused and self.compute_dtype != "float16"):
            return super()._forward(x, training)
        source, previous = (ops.cast(ids, "int32") for ids in x)
        memory, states = self.encode(source, training)
        outputs = self.outputs(previous, memory, states, training)
        if self.compute_dtype == "bfloat16":
            outputs = outputs._replace(
                hidden=ops.cast(outputs.hidden, "float32"),
                embeddings=ops.cast(outputs.embeddings, "float32"),
                low=True,
            )
        return outputs

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The compiled loss; without label smoothing when not training."""
        if isinstance(y_pred, Outputs):
            terms = smoothed_terms(y_pred, y, self.loss.smoothing)
            return MeanLoss(Terms())(y, terms, sample_weight)
        if training:
            return super().compute_loss(x, y, y_pred, sample_weight, training)
        return MeanLoss(SmoothedCrossentropy(0.0))(y, y_pred, sample_weight)

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> Any:
        """The compiled metrics; of training only the accuracy is known."""
        if isinstance(y_pred, Outputs):  # as of two classes, right and wrong
            y, right = ops.ones_like(y), ops.cast(y_pred.right[0], "float32")
            y_pred = ops.stack([1 - right, right], axis=-1)
        return super().compute_metrics(x, y, y_pred, sample_weight)

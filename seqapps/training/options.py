"""Settings of `fit`: how long, how fast, and what is the best."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from seqapps.console.arguments import (
    Amount,
    Count,
    Deprecated,
    Dropout,
    Options,
    Positive,
    Seed,
    Size,
)
from seqapps.errors import InputError


@dataclass(frozen=True, kw_only=True)
class FitOptions(Options):
    """How a model is trained; the table `[fit]` of a recipe.

    Args:
        epochs: train for at most this many.
        steps_per_epoch: batches from one validation to the next; 0 is one
            pass through the training data.
        patience: stop after this many epochs without a better one; 0 never
            stops early.
        seed: of the initial weights, the dropout and the order of the data.
        save_every: steps between two checkpoints.
        start: a run, whose best weights are trained further; its model has
            the same sizes. None begins with random ones.
        best: the number of the log that the best epoch is chosen by.
        mode: whether the lowest, "min", or the highest, "max", is the best;
            "auto" is the lowest of a loss, and what Keras knows of a metric.
        learning_rate: the highest of the schedule. If this or a setting of the
            optimizer below is left out, that of `compile` stays.
        warmup_epochs: epochs in which the learning rate rises from 0.
        decay_epochs: the epoch, counted from the first, by whose end the
            learning rate has fallen to a hundredth, as half a cosine; 0 keeps
            it.
        clip: the largest norm of the gradients of all weights together.
        weight_decay: each step takes this share, times the learning rate, of
            every weight.
        average: validate and keep an exponential mean of the weights, of which
            each step keeps this share, such as 0.999; 0 takes the weights.
        epsilon: of Adam; a larger one, such as 1e-5, keeps weights with rare
            gradients from long steps.
    """

    epochs: Count = 20
    steps_per_epoch: Size = 0
    patience: Size = 3
    seed: Seed = 0
    save_every: Count = 100
    start: Path | None = None
    best: str = "val_loss"
    mode: Literal["auto", "min", "max"] = "auto"
    learning_rate: Positive | None = None
    warmup_epochs: Amount = 0.0
    decay_epochs: Amount = 0.0
    clip: Positive | None = None
    weight_decay: Amount | None = None
    average: Dropout | None = None
    epsilon: Positive | None = None
    # of the release before: shares of all steps, and a number of steps
    warmup: Annotated[Dropout | None, Deprecated("use warmup_epochs")] = None
    decay: Annotated[bool | None, Deprecated("use decay_epochs")] = None
    decay_steps: Annotated[Size | None, Deprecated("use decay_epochs")] = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if 0 < self.decay_epochs <= self.warmup_epochs:
            raise InputError(
                "--fit.decay-epochs is counted from the first epoch: it is "
                f"above --fit.warmup-epochs, {self.warmup_epochs:g}, or 0; not "
                f"{self.decay_epochs:g}"
            )

    def schedule(self, steps: int) -> tuple[int, int]:
        """The steps after which the learning rate is highest, and lowest.

        Args:
            steps: of an epoch.

        Returns:
            0 for no warm-up, and 0 for no decay.
        """
        total = self.epochs * steps
        rising = int(self.warmup_epochs * steps)
        lowest = int(self.decay_epochs * steps)
        if self.warmup is not None:
            rising = int(self.warmup * total)
        if self.decay:
            lowest = total
        elif self.decay_steps is not None:
            lowest = self.decay_steps
        elif self.decay is not None:
            lowest = 0
        return rising, lowest

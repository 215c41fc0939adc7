"""Training in a run's folder: stopped, resumed, restored."""

from typing import TYPE_CHECKING

from seqapps import lazy

if TYPE_CHECKING:
    from seqapps.training.fitting import fit as fit
    from seqapps.training.fitting import tables as tables
    from seqapps.training.fitting import train as train
    from seqapps.training.mean_loss import MeanLoss as MeanLoss
    from seqapps.training.options import FitOptions as FitOptions
    from seqapps.training.restoring import load_predictor as load_predictor
    from seqapps.training.restoring import restore as restore
    from seqapps.training.train_step import SequenceModel as SequenceModel
    from seqapps.training.train_step import TrainStep as TrainStep

_HOME = {
    "fit": "fitting",
    "FitOptions": "options",
    "train": "fitting",
    "load_predictor": "restoring",
    "restore": "restoring",
    "tables": "fitting",
    "TrainStep": "train_step",
    "SequenceModel": "train_step",
    "MeanLoss": "mean_loss",
}
__all__ = list(_HOME)
__getattr__ = lazy.getter(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(__all__)

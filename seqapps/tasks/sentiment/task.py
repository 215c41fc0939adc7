"""The task: its name and its functions."""

from seqapps.task import Task
from seqapps.tasks.sentiment.command import classify
from seqapps.tasks.sentiment.data import load_data
from seqapps.tasks.sentiment.decode import Classifier
from seqapps.tasks.sentiment.fitting.calibrated import fit
from seqapps.tasks.sentiment.metrics import score
from seqapps.tasks.sentiment.model import build_model

TASK = Task(
    name="sentiment",
    load_data=load_data,
    build_model=build_model,
    predictor=Classifier,
    score=score,
    command=classify,
    fit=fit,
)

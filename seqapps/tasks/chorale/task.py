"""The task: its name and its functions."""

from seqapps.task import Task
from seqapps.tasks.chorale.command import harmonise
from seqapps.tasks.chorale.data import load_data
from seqapps.tasks.chorale.decode import Harmoniser
from seqapps.tasks.chorale.metrics import score
from seqapps.tasks.chorale.model import build_model

TASK = Task(
    name="chorale",
    load_data=load_data,
    build_model=build_model,
    predictor=Harmoniser,
    score=score,
    command=harmonise,
)

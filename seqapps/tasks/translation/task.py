"""The task: its name and its functions."""

from seqapps.task import Task
from seqapps.tasks.translation.command import translate
from seqapps.tasks.translation.data import load_data
from seqapps.tasks.translation.decode import Translator
from seqapps.tasks.translation.fit import fit
from seqapps.tasks.translation.metrics import score
from seqapps.tasks.translation.model import build_model

TASK = Task(
    name="translation",
    load_data=load_data,
    build_model=build_model,
    predictor=Translator,
    score=score,
    command=translate,
    fit=fit,
)

"""The task: its name and its functions."""

from seqapps.task import Task
from seqapps.tasks.music.command import generate
from seqapps.tasks.music.data import load_data
from seqapps.tasks.music.decode import Composer
from seqapps.tasks.music.metrics import score
from seqapps.tasks.music.model import build_model

TASK = Task(
    name="music",
    load_data=load_data,
    build_model=build_model,
    predictor=Composer,
    score=score,
    command=generate,
)

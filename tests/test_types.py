"""What type checkers and editors see of the package."""

import inspect
import subprocess
import sys
import tomllib
import typing
from pathlib import Path

import jedi
import pytest

from seqapps import layers

ROOT = Path(__file__).parents[1]
SNIPPET = """
from seqapps import layers
from seqapps.layers import LSTM

layers.LSTM(units=3, name="mine", walk="loop", activation="relu")
layers.LSTM(unit=3)
layers.LSTM(3, walks="loop")
layers.LSTM(3, walk="lop")
layers.PeepholeLSTMCell(3, dropout=0.1).units.bit_length()
layers.PeepholeLSTMCell(3, drop=0.1)
reveal_type(LSTM)
reveal_type(layers.LSTM(3).units)
reveal_type(layers.make_cell("lstm", 3))
"""
REJECTED = [6, 7, 8, 10]  # the lines of the snippet


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """The messages of one run of mypy: on the snippet, and on our rooms."""
    folder = tmp_path_factory.mktemp("types")
    (folder / "snippet.py").write_text(SNIPPET, "utf-8")
    command = [sys.executable, "-m", "mypy", "--cache-dir", folder / "cache"]
    done = subprocess.run(
        [*command, *configured_rooms(), folder / "snippet.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode in (0, 1), done.stderr + done.stdout
    return done.stdout.splitlines()


def configured_rooms():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    return tomllib.loads(text)["tool"]["mypy"]["files"]


def messages(checked, kind):
    lines = (
        line.split("snippet.py:")[-1] for line in checked if "snippet" in line
    )
    split = (line.split(":", 2) for line in lines)
    return {int(n): text for n, k, text in split if k.strip() == kind}


def test_wrong_arguments_are_rejected(checked):
    errors = messages(checked, "error")
    assert sorted(errors) == REJECTED
    assert 'Unexpected keyword argument "unit"' in errors[6]


def test_types_are_known(checked):
    notes = messages(checked, "note")
    assert "-> seqapps.layers.lstm.LSTM" in notes[11]
    assert 'type is "int"' in notes[12] or "builtins.int" in notes[12]
    assert "seqapps.layers.cells.cell.Cell" in notes[13]


def test_our_rooms_have_no_errors(checked):
    assert not [line for line in checked if line.startswith("seqapps")]


@pytest.mark.parametrize(
    "name",
    [n for n in layers.__all__ if n.endswith("Cell")]
    + [*("SimpleRNN", "LSTM", "GRU"), *("BahdanauAttention", "DotAttention")]
    + [*("Highway", "LearnedState", "Zoneout", "DropConnect")],
)
def test_arguments_are_declared_attributes(name):
    """A constructor's arguments are in the class, where tools read them."""
    cls = getattr(layers, name)
    ours = [c for c in cls.__mro__ if c.__module__.startswith("seqapps")]
    declared = {n for c in ours for n in typing.get_type_hints(c)}
    arguments = set(inspect.signature(cls).parameters) - {"kwargs"}
    layer_only = {  # set by Keras's own constructors
        "activity_regularizer",
        "return_sequences",
        "return_state",
        "go_backwards",
        "stateful",
        "unroll",
        "use_cudnn",
    }
    assert arguments - layer_only <= declared


def complete(code):
    script = jedi.Script(code, project=jedi.Project(ROOT))
    line = len(code.splitlines())
    return script, line, len(code.splitlines()[-1])


def test_editors_complete_names():
    script, *place = complete("from seqapps import layers\nlayers.")
    names = {c.name for c in script.complete(*place)}
    assert set(layers.__all__) <= names


def test_editors_show_arguments():
    script, *place = complete("from seqapps import layers\nlayers.LSTM(")
    (signature,) = script.get_signatures(*place)
    shown = [p.name for p in signature.params]
    arguments = [*inspect.signature(layers.LSTM).parameters][:-1]  # **kwargs
    assert shown[: len(arguments)] == arguments

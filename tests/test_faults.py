"""Each check of the contract finds a task that breaks it."""

from dataclasses import replace

import faults
import parity
import pytest
from test_stranger import SMALL

from seqapps import testing

TASK = parity.TASK
FAULTS = {
    "loads_data": ({"load_data": faults.no_test_data}, "test` has no batch"),
    "lowers_the_loss": (
        {"build_model": faults.model_that_stands_still},
        "learning rate",
    ),
    "repeats_a_seed": ({"load_data": faults.data_of_the_process}, "log.csv"),
    "resumes_as_unbroken": (
        {"load_data": faults.data_from_the_start},
        "Data.start",
    ),
    "agrees_on_replicas": (
        {"build_model": faults.model_of_keras},
        "TrainStep",
    ),
}
# these faults are not in training, which is done once
PREDICTORS = {
    "answers_alone_as_in_a_batch": (faults.JudgeOfBatches, "row 0 alone"),
    "exports_as_in_process": (faults.JudgeInPython, "than the predictor"),
    "runs_without_keras": (faults.JudgeByNumpy, "TensorFlow's operations"),
}
COMMANDS = {
    faults.overwrites: "changes bad/old.txt",
    faults.crashes: "raises ValueError: no bits",
    faults.talks: "must write one line",
    faults.goes_on: "exit code 0, not 2",
}


def check(trial, name):
    (check,) = [check for check in testing.CHECKS if check.__name__ == name]
    check(trial)


@pytest.fixture(scope="module")
def right():
    """A trial of the task without a fault."""
    with testing.Trial(TASK, **SMALL) as trial:
        yield trial


def test_every_check_has_a_fault():
    names = {check.__name__ for check in testing.CHECKS}
    names -= {"steps_as_it_walks", "refuses_bad_input"}  # tested below
    assert names == FAULTS.keys() | PREDICTORS.keys()


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_training_is_found(name):
    functions, message = FAULTS[name]
    with testing.Trial(replace(TASK, **functions), **SMALL) as trial:
        with pytest.raises(testing.ContractError, match=message):
            check(trial, name)


@pytest.mark.parametrize("name", PREDICTORS)
def test_a_fault_of_a_predictor_is_found(name, right):
    predictor, message = PREDICTORS[name]
    task = replace(TASK, predictor=predictor)
    with testing.Trial(task, **SMALL) as trial:
        trial.trained = right.trained
        with pytest.raises(testing.ContractError, match=message):
            check(trial, name)


def test_steps_that_forget_are_found(right):
    with testing.Trial(TASK, **SMALL, by_steps=faults.forgetful) as trial:
        trial.trained = right.trained
        with pytest.raises(testing.ContractError, match="return all states"):
            check(trial, "steps_as_it_walks")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.__name__)
def test_a_fault_of_a_command_is_found(command, right):
    task = replace(TASK, command=command)
    words = [command.__name__, "01"]
    if command is faults.overwrites:
        words += ["--output", "old.txt"]
    files = {"old.txt": "old"}
    with testing.Trial(task, **SMALL, bad=[words], files=files) as trial:
        trial.trained, trial.saved = right.trained, right.saved
        with pytest.raises(testing.ContractError, match=COMMANDS[command]):
            check(trial, "refuses_bad_input")


def test_the_task_and_the_check_are_named():
    task = replace(TASK, load_data=faults.no_test_data)
    with pytest.raises(testing.ContractError, match="^parity, loads_data: "):
        testing.check_task(task, **SMALL, replicas=())


def test_functions_that_cannot_be_imported_are_refused():
    task = replace(TASK, load_data=lambda: None)
    with pytest.raises(testing.ContractError, match="top of a module"):
        testing.Trial(task, **SMALL)


def test_calls_are_needed():
    with pytest.raises(testing.ContractError, match="at least one method"):
        testing.Trial(TASK)


@pytest.mark.parametrize(
    "one, other, text",
    [
        ({"a": [1, 2.0]}, {"a": [1, 2.000001]}, None),
        ({"a": [1]}, {"a": [2]}, "['a'][0]: 1 and 2"),
        ({"a": 1}, {"b": 1}, ": the keys are ['a'] and ['b']"),
        ([1, 0], [1], ": the lengths are 2 and 1"),
        ("a", "b", ": 'a' and 'b'"),
        (float("nan"), float("nan"), None),
        (float("-inf"), float("-inf"), None),
        (float("nan"), 0.0, ": nan and 0.0"),
        ("1", 1, ": '1' and 1"),
    ],
)
def test_differences_are_named(one, other, text):
    from seqapps.testing.comparison import difference

    assert difference(one, other) == text
    assert difference([1, 0, [""]], [1], padded=True) is None
    assert difference([1, 0, ["x"]], [1], padded=True) is not None

"""All checks of the contract, in a row."""

from collections.abc import Callable
from typing import Any

from seqapps.task import Task
from seqapps.testing import predictor_checks as predictor
from seqapps.testing import training_checks as training
from seqapps.testing.command_line import refuses_bad_input
from seqapps.testing.trial import ContractError, Trial

CHECKS: tuple[Callable[[Trial], None], ...] = (
    training.loads_data,
    training.lowers_the_loss,
    predictor.steps_as_it_walks,
    predictor.answers_alone_as_in_a_batch,
    predictor.exports_as_in_process,
    predictor.runs_without_keras,
    training.repeats_a_seed,
    training.resumes_as_unbroken,
    training.agrees_on_replicas,
    refuses_bad_input,
)


def check_task(task: Task, **kwargs: Any) -> None:
    """Checks that a task keeps the contract of `CHECKS`.

    Args:
        task: the task. Its functions belong to a module that can be imported.
        **kwargs: small arguments, bad command lines and so on: see `Trial`.

    Raises:
        ContractError: it does not; the message names the check, says what
            differs and what to do.

    Example:
        ```python
        from seqapps import testing
        from seqapps.tasks import sentiment

        testing.check_task(
            sentiment.TASK,
            data={"path": Path("reviews.csv"), "ngrams": 20},
            model={"units": 5, "embedding": 4},
            fit={"epochs": 2},
            calls=[("classify", {"texts": ["good", "", "not bad at all"]})],
            bad=[["classify", "fine", "--abstain", "2"]],
            without_noise={"model": {"dropout": 0.0, "word_dropout": 0.0}},
        )
        ```
    """
    with Trial(task, **kwargs) as trial:
        trial.begin()
        for check in CHECKS:
            try:
                check(trial)
            except ContractError as error:
                raise ContractError(
                    f"{task.name}, {check.__name__}: {error}"
                ) from error

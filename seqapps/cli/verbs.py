"""The command line of any task: its own verb, train, evaluate, export, ..."""

import functools
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import cyclopts

from seqapps import __version__, export, recipes, training
from seqapps.cli import flags
from seqapps.console import terminal
from seqapps.console.paths import Writes
from seqapps.errors import InputError
from seqapps.export import quantize as quantize_
from seqapps.task import Task


def main(
    task: Task, argv: list[str] | None = None, program: str | None = None
) -> None:
    """Runs a task's command line; bad input is one line and exit code 2.

    Args:
        task: what to run.
        argv: the words after the program's name; `sys.argv[1:]` when None.
        program: how the user called it, for the usage lines.
    """
    terminal.choose_tensorflow()
    words = list(sys.argv[1:] if argv is None else argv)
    with terminal.answering(task.name, process=argv is None):
        program = program or f"python -m seqapps.tasks.{task.name}"
        _run(task, words, program, _verbs(task))


def check(task: Task, words: list[str]) -> None:
    """Checks a task's command line, and runs nothing.

    Args:
        task: the task.
        words: the words after the program's name.

    Raises:
        InputError: a word, or a value of the recipe, is wrong.
        cyclopts.CycloptsError: so is a flag.
    """
    verbs = {
        name: verb._replace(run=_idle(verb.run))
        for name, verb in _verbs(task).items()
    }
    _run(task, words, f"python -m seqapps.tasks.{task.name}", verbs)


# -- the verbs: keyword parameters are flags, dictionaries are tables --


class _Deferred:
    """A predictor that is loaded when it is first used.

    So a verb checks its arguments before TensorFlow is imported.
    """

    def __init__(self, load: Callable[[], Any]):
        self._load = functools.cache(load)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._load(), name)


def _idle(run: Callable[..., Any]) -> Callable[..., Any]:
    """A function with the flags of another, which does nothing."""

    @functools.wraps(run)
    def nothing(*_: Any, **__: Any) -> None:
        pass

    return nothing


def _use(
    task: Task,
    *texts: str,
    from_: Path | None = None,
    trust: bool = False,
    config: Path | None = None,
    options: dict[str, Any],
) -> Any:
    predictor = _Deferred(lambda: _predictor(task, from_, trust))
    return task.command(predictor, *texts, **options)


def _train(
    task: Task,
    *,
    resume: str | None = None,
    force: bool = False,
    config: Path | None = None,
    data: dict[str, Any],
    model: dict[str, Any],
    fit: dict[str, Any],
    devices: dict[str, Any],
) -> None:
    """Train a model into `runs/`; the best by validation can be exported.

    Args:
        resume: Go on with this run; given no value, with the newest one. Of
            its flags only --fit.epochs, --fit.patience and --fit.save-every
            may differ.
        force: Resume even if other flags or the data have changed.
    """
    if force and resume is None:
        raise InputError("--force goes with --resume")
    terminal.import_tensorflow()
    training.train(task, resume, data, model, fit, devices, force)


def _evaluate(
    task: Task,
    *,
    from_: Path | None = None,
    trust: bool = False,
    config: Path | None = None,
    options: dict[str, Any],
    data: dict[str, Any],
) -> None:
    from rich import print as show

    predictor = _predictor(task, from_, trust)
    for name, number in task.score(
        predictor, task.load_data(**data), **options
    ).items():
        show(f"{name:>32}  {number:.4f}" if number == number else name)


def _export(
    task: Task,
    *,
    from_: Path | None = None,
    to: Annotated[Path | None, Writes(inside=("*",))] = None,
    quantize: bool = False,
) -> None:
    """Write a run's best model as a SavedModel that needs none of our Python.

    Args:
        from_: A run. Default: the newest.
        to: A new folder. Default: the next number in saved_models/TASK.
        quantize: Keep embeddings in 8 bits a number, other matrices in 16:
            evaluate before and after.
    """
    if to and to.exists():
        raise InputError(f"--to {to} exists: name a new folder")
    terminal.import_tensorflow()
    predictor, info = training.restore(task, from_)
    if quantize:
        info["quantized"] = quantize_.quantize(predictor.model)
    to = to or export.next_version(task.name)
    print(export.save(predictor, to, info, half=quantize))


def _inspect(
    task: Task, *, from_: Path | None = None, trust: bool = False
) -> None:
    """Describe a saved model: methods, recipe, checksums, what it may do."""
    path = _source(task, from_)
    terminal.import_tensorflow()
    print(export.inspect(path, trust=trust, task=task.name))


def _verbs(task: Task) -> dict[str, "_Verb"]:
    """Returns the verbs of a task by name."""
    tables = training.tables(task)
    data = {"data": task.load_data}
    return {
        task.command.__name__: _Verb(
            _use, {"options": task.command}, task.command
        ),
        "train": _Verb(_train, tables, _train),
        "evaluate": _Verb(
            _evaluate, {"options": task.score} | data, task.score
        ),
        "export": _Verb(_export, {}, _export),
        "inspect": _Verb(_inspect, {}, _inspect),
    }


class _Verb(NamedTuple):
    """A verb of the command line.

    Args:
        run: what it does.
        tables: the functions whose parameters are its flags, by table.
        documented: the function with its help.
    """

    run: Callable[..., Any]
    tables: dict[str, Callable[..., Any]]
    documented: Callable[..., Any]


def _source(task: Task, source: Path | None) -> Path:
    return source or export.shipped_model(task.name)


def _predictor(task: Task, source: Path | None, trust: bool = False) -> Any:
    path = _source(task, source)
    terminal.import_tensorflow()
    return training.load_predictor(
        path, task.name, task.build_model, task.predictor, trust
    )


def _run(
    task: Task, words: list[str], program: str, verbs: dict[str, _Verb]
) -> None:
    app = cyclopts.App(
        name=program,
        help=f"The task {task.name}. `VERB --help` lists a verb's flags.",
        version=__version__,
        result_action="return_value",
    )
    words = recipes.normal_words(words)
    verb = words[0] if words and words[0] in verbs else None
    if verb == "train":
        words = recipes.current_words(task, words)
    recipe = recipes.read_recipe(task, words, verbs) if verb else {}
    for name, each in verbs.items():
        shown = recipe if name == verb else {}
        app.command(
            flags.command(
                task, each.run, each.tables, each.documented, name, shown
            ),
            name=name,
        )
    # not called by cyclopts, which is silent when interrupted
    try:
        call, bound, _ = app.parse_args(
            words, exit_on_error=False, print_error=False
        )
    except cyclopts.UnknownOptionError as error:
        if not verb or not _takes_texts(verbs[verb]):
            raise
        raise InputError(
            f"{error} A text that begins with - stands behind --"
        ) from None
    except cyclopts.UnusedCliTokensError as error:
        tokens = " ".join(error.unused_tokens or [])
        raise InputError(
            f"{verb} takes flags alone, not {tokens[:60]!r}: see {verb} --help"
        ) from None
    call(*bound.args, **bound.kwargs)


def _takes_texts(verb: _Verb) -> bool:
    """Whether a verb takes words that are no flags."""
    kinds = inspect.signature(verb.documented).parameters.values()
    return any(kind.kind is kind.VAR_POSITIONAL for kind in kinds)

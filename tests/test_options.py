"""A setting's default stands once: command line, method and export agree."""

import dataclasses
import importlib
import inspect

import pytest

from seqapps.console import arguments
from seqapps.tasks.music.options import GenerateCommandOptions, GenerateOptions
from seqapps.tasks.sentiment.options import ClassifyOptions
from seqapps.tasks.translation.options import TranslateOptions

VERBS = [
    ("music", "Composer", ["generate", "vary"], GenerateOptions),
    ("translation", "Translator", ["translate", "score"], TranslateOptions),
    ("sentiment", "Classifier", ["classify", "explain"], ClassifyOptions),
]
IN_A_GRAPH = {"bars": 0}  # which has no None
ON_THE_COMMAND_LINE = {"count": 4}


def defaults(options):
    return {f.name: f.default for f in dataclasses.fields(options)}


def parameters(function):
    return inspect.signature(function).parameters


@pytest.mark.parametrize("name, predictor, methods, options", VERBS)
def test_a_default_stands_once(name, predictor, methods, options):
    task = importlib.import_module(f"seqapps.tasks.{name}").TASK
    endpoints = importlib.import_module(f"seqapps.tasks.{name}.endpoints")
    once, seen = defaults(options), set()
    flags = arguments.flags(task.command)
    for key, default in (once | ON_THE_COMMAND_LINE).items():
        if key in once:
            assert flags[key].default == default, key

    class Codec:
        grammar = labels = "of notes"
        sentences = True

    exported = endpoints.functions(None, Codec())
    for method in methods:
        in_python = parameters(getattr(task.predictor, method))
        in_graph = parameters(exported[method].python_function)
        assert list(in_python)[1:] == list(in_graph)
        for key in in_graph.keys() & once.keys():
            seen.add(key)
            assert in_python[key].default == once[key], key
            default = IN_A_GRAPH.get(key, once[key])
            assert in_graph[key].default == default, key
    assert seen == once.keys() - {"abstain"}  # said of what a method gives


def test_a_verb_shows_its_defaults(capsys):
    from seqapps.cli import main
    from seqapps.tasks.translation import TASK

    main(TASK, ["translate", "--help"])
    words = capsys.readouterr().out.replace("│", "").split()
    text = " ".join(words)
    beam = text[text.index("--beam INT") : text.index("--nbest INT")]
    assert f"[default: {TranslateOptions.beam}]" in beam
    assert "hypotheses" in beam


def test_more_tunes_are_composed_on_the_command_line():
    command, method = GenerateCommandOptions(), GenerateOptions()
    more = (
        dataclasses.asdict(command).items() - dataclasses.asdict(method).items()
    )
    assert dict(more) == ON_THE_COMMAND_LINE


def test_options_are_checked_and_given_whole_or_one_by_one():
    from seqapps.errors import InputError

    @arguments.checked
    def search(*, options: TranslateOptions = TranslateOptions()):  # noqa: B008
        return options

    assert search() == TranslateOptions()
    assert search(beam=3, length_penalty=2) == TranslateOptions(
        beam=3, length_penalty=2.0
    )
    whole = TranslateOptions(beam=7)
    assert search(options=whole, nbest=7).nbest == 7
    for wrong in ({"beam": 0}, {"beam": 1.5}, {"no_repeat": -1}, {"nbest": 6}):
        with pytest.raises(InputError, match=next(iter(wrong))):
            search(**wrong)
        with pytest.raises(InputError, match=next(iter(wrong))):
            TranslateOptions(**wrong)
    with pytest.raises(TypeError, match="unexpected"):
        search(breadth=3)

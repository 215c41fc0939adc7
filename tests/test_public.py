"""Public names: all there, all documented; old ones work for a release."""

import importlib
import inspect
import pkgutil
import subprocess
import sys

import pytest

import seqapps
from seqapps import deprecated

PACKAGES = ["seqapps"] + [
    module.name
    for module in pkgutil.walk_packages(seqapps.__path__, "seqapps.")
    if module.ispkg
]


@pytest.mark.parametrize("name", PACKAGES)
def test_public_names_are_there_and_documented(name):
    package = importlib.import_module(name)
    assert package.__doc__, f"{name} has no docstring"
    public = getattr(package, "__all__", [])
    assert len(set(public)) == len(public)
    assert set(public) <= {*dir(package), "__version__"}
    for each in public:
        value = getattr(package, each)
        if callable(value) or inspect.ismodule(value):
            assert inspect.getdoc(value), f"{name}.{each} has no docstring"


@pytest.mark.parametrize("name", PACKAGES)
def test_unknown_names_are_attribute_errors(name):
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = importlib.import_module(name).no_such_name


def test_old_modules_are_the_new_ones():
    """In a process of its own, for a module is imported once."""
    code = (
        "import importlib, warnings\n"
        "import seqapps\n"
        "from seqapps import deprecated\n"
        "for old, new in deprecated.MODULES.items():\n"
        "    with warnings.catch_warnings(record=True) as caught:\n"
        "        warnings.simplefilter('always')\n"
        "        module = importlib.import_module(old)\n"
        "    kinds = [w.category for w in caught if old in str(w.message)]\n"
        "    assert kinds == [DeprecationWarning], (old, kinds)\n"
        "    assert module is importlib.import_module(new), old\n"
        "    assert module.__name__ == new, old\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("old, new", deprecated.MODULES.items())
def test_new_modules_of_old_ones_exist(old, new):
    assert importlib.util.find_spec(new) is not None
    path = old.split(".")
    assert not any(
        module.name == path[-1]
        for module in pkgutil.iter_modules(
            importlib.import_module(".".join(path[:-1])).__path__
        )
    ), f"{old} is there itself"


@pytest.mark.parametrize(
    "package, old, new",
    [
        ("decoding", "forced", "forced_decoding"),
        ("decoding", "likeliest", "filter_top_k_top_p"),
        ("decoding", "score", "score_hypotheses"),
        ("text", "table", "lookup_table"),
        ("text", "visible", "is_before_end"),
    ],
)
def test_old_names_are_the_new_ones(package, old, new):
    package = importlib.import_module(f"seqapps.{package}")
    with pytest.warns(DeprecationWarning, match=f"{old} is now .*{new}"):
        value = getattr(package, old)
    assert value is getattr(package, new)
    assert old not in dir(package)


def test_old_arguments_and_attributes_work():
    from seqapps import decoding

    beams = decoding.Beams(1, 2, 3, 4, 5)
    with pytest.warns(DeprecationWarning, match="attention_weights"):
        assert beams.looks == 5
    with pytest.warns(DeprecationWarning, match="`attention_sum`"):
        old = decoding.score_hypotheses(
            -3.0, 2, looks_sum=[0.5, 1.5], coverage_penalty=0.2
        )
    new = decoding.score_hypotheses(
        -3.0, 2, attention_sum=[0.5, 1.5], coverage_penalty=0.2
    )
    assert float(old) == float(new)

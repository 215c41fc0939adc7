"""What `pip install seqapps` brings, and what is said where it is not enough.

The tables are read from pyproject.toml: the environment of the tests has all.
"""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from seqapps import extras

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "seqapps"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
TASKS = ("music", "sentiment", "translation")
DEVELOPMENT = {"test", "dev", "docs"}


@pytest.fixture(autouse=True)
def table(monkeypatch):
    """The metadata that an installation of this tree would have."""
    lines = list(PROJECT["dependencies"])
    for extra, names in EXTRAS.items():
        lines += [f'{name}; extra == "{extra}"' for name in names]
    extras._table.cache_clear()
    monkeypatch.setattr(extras.metadata, "requires", lambda name: lines)
    yield extras._table()
    extras._table.cache_clear()


def imports(path: Path):
    """Each import of a file: the module, and whether only a function has it."""
    tree = ast.parse(path.read_text("utf-8"))
    late = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        or isinstance(function, ast.If)
        and "TYPE_CHECKING" in ast.dump(function.test)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            yield name.partition(".")[0], id(node) in late


# a module that only `train` and `evaluate` on a named collection import
LATE_THEMSELVES = {
    "seqapps/tasks/chorale/collection.py",
    "seqapps/tasks/music/collection.py",
    "seqapps/tasks/translation/collection.py",
}
# ours, what TensorFlow brings, and Keras's other backend
OTHERS = {"seqapps", "google", "jax"}
BASE = {re.match(r"[\w-]+", line)[0] for line in PROJECT["dependencies"]}


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.stem
)
def test_what_an_extra_installs_is_imported_late(path, table):
    name = path.relative_to(ROOT).as_posix()
    importer = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for module, late in imports(path):
        if module in sys.stdlib_module_names | OTHERS:
            continue
        if module.replace("_", "-") in BASE:
            continue
        extra = extras.extra_of(module, importer)
        assert extra, f"{name}: no extra installs {module}"
        assert late or name in LATE_THEMSELVES, f"{name} imports {module}"
        task = name.split("/")[2] if "/tasks/" in name else extra
        assert extra == task, f"the extra {task} does not install {module}"


def test_extras_hold_one_another(table):
    apart = {*DEVELOPMENT, *extras._APART}
    every = set().union(*(table[n] for n in table if n not in apart))
    assert table["all"] == every
    assert table["training"] <= table["music"] & table["translation"]
    assert "sacrebleu" in table["translation"] - table["music"]


@pytest.mark.parametrize(
    ("module", "importer", "extra"),
    [
        ("verovio", "seqapps.tasks.music.rendering.engrave", "music"),
        ("sklearn", "seqapps.tasks.sentiment.evaluation.x", "sentiment"),
        ("matplotlib", "seqapps.training.curve", "training"),
        ("matplotlib", "seqapps.diagnostics.picture", "diagnostics"),
        ("tensorflow_datasets", "seqapps.datasets", "all"),
        ("fsspec", "seqapps.launch.storage", "ray"),
        ("numpy", "seqapps.tasks.music.data", None),
        ("pytest", "seqapps.testing", None),
    ],
)
def test_an_extra_is_found_by_who_imports(module, importer, extra):
    assert extras.extra_of(module, importer) == extra


def test_a_checkout_that_is_not_installed_has_no_table(monkeypatch):
    def absent(name):
        raise extras.metadata.PackageNotFoundError(name)

    extras._table.cache_clear()
    monkeypatch.setattr(extras.metadata, "requires", absent)
    assert extras.extra_of("verovio", "seqapps.tasks.music.x") is None


def run_without(*modules: str, code: str) -> subprocess.CompletedProcess:
    """Runs Python where some modules are not installed."""
    lines = [f"{n}; extra == '{e}'" for e in EXTRAS for n in EXTRAS[e]]
    before = f"""
import sys
from importlib import metadata
hidden = {modules!r}
finders = [f for f in sys.meta_path if hasattr(f, "find_spec")]

class Hiding:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in hidden:
            return None
        for finder in finders:
            if spec := finder.find_spec(name, path, target):
                return spec

sys.meta_path[:] = [Hiding]
metadata.requires = lambda name: {lines!r}
"""
    return subprocess.run(
        [sys.executable, "-c", before + code],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=ROOT,
    )


def test_a_missing_package_is_one_line_of_the_command_line():
    code = """
from seqapps.tasks.music import TASK
from seqapps import cli
cli.main(TASK, ["generate", "--instrument", "flute", "--output", "x/y"])
"""
    ended = run_without("pretty_midi", "verovio", code=code)
    assert ended.returncode == 2
    assert ended.stderr == (
        'seqapps music: music needs pretty_midi: pip install "seqapps[music]"\n'
    )


def test_a_missing_package_is_named_in_python_but_not_to_other_libraries():
    code = """
import importlib.util
import seqapps
assert importlib.util.find_spec("sacrebleu") is None
try:
    import sacrebleu
except ModuleNotFoundError as error:
    assert not isinstance(error, seqapps.InputError)
from seqapps.tasks.translation.rendering import report
from seqapps.extras import MissingExtra, require
try:
    exec("import sacrebleu", {"__name__": "seqapps.tasks.translation.x"})
except ModuleNotFoundError as error:
    assert isinstance(error, seqapps.InputError)
    assert error.name == "sacrebleu"
    print(error)
try:
    require("translation", "scipy", "sacrebleu")
except MissingExtra as error:
    print(error)
"""
    ended = run_without("sacrebleu", code=code)
    line = 'translation needs sacrebleu: pip install "seqapps[translation]"\n'
    assert ended.stdout == 2 * line, ended.stderr


@pytest.mark.slow
def test_the_wheel_holds_models_recipes_and_types(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps"]
        + ["-w", tmp_path, ROOT],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        names = set(file.namelist())
        metadata = next(n for n in names if n.endswith("/METADATA"))
        lines = file.read(metadata).decode("utf-8").splitlines()
    for task in TASKS:
        assert f"seqapps/_shipped/tasks/{task}.toml" in names
        assert any(
            n.startswith(f"seqapps/_shipped/saved_models/{task}/")
            and n.endswith("saved_model.pb")
            for n in names
        )
    assert "seqapps/py.typed" in names
    for extra in EXTRAS:
        assert f"Provides-Extra: {extra}" in lines
    assert wheel.stat().st_size < 60e6

"""What the pages say is so: their code runs, their links and names exist."""

import ast
import contextlib
import doctest
import importlib
import io
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))
MODULES = sorted((ROOT / "seqapps").rglob("*.py"))
# what a page trains at full size, and the tests at the size of a toy
TOYS = {"units=512": "units=16", "epochs=20": "epochs=1, verbose=0"}


def blocks(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", text, re.S | re.M)


def module_name(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def run(code: str, names: dict) -> None:
    """Runs lines as a page shows them.

    Where an expression has a comment that is a literal, that is its value.
    """
    lines = code.splitlines()
    for statement in ast.parse(code).body:
        if not isinstance(statement, ast.Expr):
            tree = ast.Module([statement], [])
            exec(compile(tree, "<page>", "exec"), names)
            continue
        tree = ast.Expression(statement.value)
        value = eval(compile(tree, "<page>", "eval"), names)
        rest = lines[statement.end_lineno - 1][statement.end_col_offset :]
        with contextlib.suppress(ValueError, SyntaxError):
            shown = ast.literal_eval(rest.strip().removeprefix("# "))
            value = tuple(value) if isinstance(shown, tuple) else value
            assert value == shown, lines[statement.lineno - 1]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the shipped models, which a page may write beside."""
    for model in (ROOT / "saved_models").glob("*/[0-9]*"):
        link = tmp_path / model.relative_to(ROOT)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(model)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def small_collection(data_dir, monkeypatch):
    """Lets `music.load_data` of a page load little."""
    from seqapps.tasks import music

    whole = music.load_data

    def small(batch_size):
        assert batch_size == 64
        return whole(collection="ryan", data_dir=data_dir, limit=61)

    monkeypatch.setattr(music, "load_data", small, raising=False)


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if blocks(page.read_text("utf-8"))],
    ids=lambda page: page.stem,
)
@pytest.mark.usefixtures("small_collection")
def test_the_python_of_a_page_runs(page, folder, monkeypatch):
    module = type(sys)(f"page_{page.stem.replace('-', '_')}")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    with contextlib.redirect_stdout(io.StringIO()):
        for code in blocks(page.read_text("utf-8")):
            for large, toy in TOYS.items():
                code = code.replace(large, toy)
            run(code, module.__dict__)


@pytest.mark.parametrize(
    "path",
    [p for p in MODULES if ">>>" in p.read_text("utf-8")],
    ids=lambda path: path.stem,
)
def test_the_examples_of_a_module_run(path):
    module = importlib.import_module(module_name(path))
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    done = doctest.testmod(module, optionflags=options)
    assert done.attempted and not done.failed


def docstring_blocks(path: Path):
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield from blocks_inside(ast.get_docstring(node) or "")


def blocks_inside(text: str) -> list[str]:
    found = re.findall(r"^( *)```python\n(.*?)^ *```", text, re.S | re.M)
    return [
        "\n".join(line.removeprefix(blank) for line in code.splitlines())
        for blank, code in found
    ]


@pytest.mark.parametrize(
    "path",
    [p for p in MODULES if "```python" in p.read_text("utf-8")],
    ids=lambda path: path.stem,
)
def test_the_python_of_a_docstring_runs(path, folder):
    if path.parent.name == "testing":
        pytest.skip("trains and exports a model: test_contract.py does")
    import keras
    import numpy as np
    import tensorflow as tf

    import seqapps

    names = {"keras": keras, "np": np, "seqapps": seqapps, "tf": tf}
    if path.parent.parent.name == "tasks":  # a task's predictor, which ships
        models = [*folder.glob(f"saved_models/{path.parent.name}/[0-9]*")]
        if not models:
            pytest.skip(f"no model of {path.parent.name} ships yet")
        loaded = seqapps.load(max(models).relative_to(folder))
        names["model"] = None
        names["data"] = SimpleNamespace(codec=None)
        predictor = {"Composer", "Harmoniser", "Classifier", "Translator"}
        names[path.parent.name] = SimpleNamespace(
            **dict.fromkeys(predictor, lambda model, codec: loaded)
        )
    for code in docstring_blocks(path):
        run(code, vars(importlib.import_module(module_name(path))) | names)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, folder):
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    notebook = nbformat.read(path, as_version=4)
    assert all(
        cell.outputs or cell.source.endswith(";") or "\n" in cell.source
        for cell in notebook.cells
        if cell.cell_type == "code"
    )
    assert path.stat().st_size < 200_000
    client = nbclient.NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()


@pytest.mark.parametrize(
    "page",
    [
        *PAGES,
        ROOT / "CONTRIBUTING.md",
        ROOT / "CHANGELOG.md",
        *(ROOT / "saved_models").glob("*/README.md"),
    ],
    ids=lambda page: page.relative_to(ROOT).with_suffix("").as_posix(),
)
def test_what_a_page_names_is_there(page):
    text, last = page.read_text("utf-8"), ""
    for file, name in re.findall(r"`(test_\w+\.py)?::(test_\w+)`", text):
        last = file or last
        assert f"def {name}(" in (ROOT / "tests" / last).read_text("utf-8")
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (page.parent / link).exists(), link
    if page.name not in ("CHANGELOG.md", "robustness.md"):
        for path in re.findall(
            r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|toml|md))`", text
        ):
            assert any(
                (ROOT / base / path).exists()
                for base in ("", "seqapps", "seqapps/tasks")
            ), path


def test_twenty_questions_have_an_answer():
    rows = (ROOT / "docs" / "where.md").read_text("utf-8").splitlines()
    rows = [row.split("|") for row in rows if row.count("|") == 3]
    answers = [re.findall(r"`([^`]+)`", row[2]) for row in rows[2:]]
    assert len(answers) >= 20 and all(answers)
    for path in sum(answers, []):
        assert (ROOT / path).exists(), path


def test_the_floors_name_every_room():
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    table = text.split("```")[1]
    for path in (ROOT / "seqapps").iterdir():
        if path.stem[0] != "_" and path.name not in ("tasks", "py.typed"):
            assert re.search(rf"(?m)[ ]{path.stem}\b", table), path.stem
    for task in ("music", "chorale", "sentiment", "translation"):
        part = text.partition(f"## {task.title()}")[2].partition("\n## ")[0]
        for room in (ROOT / "seqapps" / "tasks" / task).iterdir():
            if room.is_dir() and room.name != "__pycache__":
                assert f"`{room.name}/`" in part, room


def test_the_readme_is_a_page_long():
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    assert len(lines) <= 150
    assert max(map(len, lines)) <= 100


def pages():
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        return importlib.import_module("pages")
    finally:
        sys.path.remove(str(ROOT / "docs"))


def test_every_public_name_has_a_page(tmp_path):
    made = pages()
    names = made.public_names()
    import seqapps

    packages = {f"seqapps.{p.name}" for p in (ROOT / "seqapps").iterdir()}
    public = [
        n
        for n in packages & set(sys.modules)
        if hasattr(sys.modules[n], "__all__")
    ]
    assert set(public) <= set(names) | {"seqapps.tasks"}
    written = made.api_pages()
    for package, public in names.items():
        for name in public:
            if f"{package}.{name}" in names or name == "__version__":
                continue
            assert written[made.api_page(package, name)].startswith("::: ")
    assert seqapps.__all__


def test_the_pages_of_the_site_link_to_pages(tmp_path):
    made = pages()
    made.write(tmp_path / "pages")
    for page in (tmp_path / "pages").rglob("*.md"):
        if "source" in page.relative_to(tmp_path).parts[:2]:
            continue
        text = re.sub(
            r"```.*?```|`[^`]*`", "", page.read_text("utf-8"), flags=re.S
        )
        for link in re.findall(r"\]\(([^)#:\s]+)[)#]", text):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
    menu = (ROOT / "mkdocs.yml").read_text("utf-8").partition("\nnav:")[2]
    for page in re.findall(r"[\w/.-]+\.md", menu):
        assert (tmp_path / "pages" / page).exists(), page

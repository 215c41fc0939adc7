"""Imports point down only, and no file is long."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "seqapps"
UPPER = {"cli", "program", "recipes", "task"}
FILES = sorted(PACKAGE.rglob("*.py"))


def floor(module: str) -> int:
    parts = module.split(".")
    if parts[:2] == ["seqapps", "tasks"] and len(parts) > 2:
        return 3
    return 2 if len(parts) > 1 and parts[1] in UPPER else 1


def imports(path: Path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def test_the_package_is_seen():
    assert len(FILES) > 20


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_imports_point_down(path):
    parts = ("seqapps", *path.relative_to(PACKAGE).with_suffix("").parts)
    me = ".".join(parts)
    for name in imports(path):
        if not name.startswith("seqapps.") or path.name == "__init__.py":
            continue
        if name in ("seqapps.__version__", "seqapps.layers"):
            continue
        if (me, name) == ("seqapps.program", "seqapps.tasks"):
            continue  # the console script looks which tasks there are
        assert floor(name) <= floor(me), f"{me} imports {name}"
        if floor(me) == floor(name) == 3:
            assert name.split(".")[2] == parts[2], f"{me} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_files_are_short(path):
    assert len(path.read_text("utf-8").splitlines()) <= 260

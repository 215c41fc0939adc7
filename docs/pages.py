"""Writes the pages of the site into `build/pages/`: `make docs` builds them.

The README is the first page. CHANGELOG, CONTRIBUTING and the notebooks become
pages, every public name gets one in the API reference, and so does every
source file that a page links to: the site needs no network.
"""

import ast
import base64
import importlib
import json
import posixpath
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "pages"
sys.path.insert(0, str(ROOT))

PACKAGES = [
    "seqapps",
    "seqapps.layers",
    "seqapps.decoding",
    "seqapps.diagnostics",
    "seqapps.export",
    "seqapps.text",
    "seqapps.training",
    "seqapps.testing",
    "seqapps.cli",
    "seqapps.tasks.music",
    "seqapps.tasks.chorale",
    "seqapps.tasks.sentiment",
    "seqapps.tasks.translation",
]
COPIES = {  # a file of the repository: its page
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "benchmarks/README.md": "benchmarks.md",
    **{
        f"saved_models/{task}/README.md": f"saved-models/{task}.md"
        for task in ("music", "sentiment", "translation")
    },
}
_LINK = re.compile(r"(!?\[[^\]]*\]\()([^)#:\s]+)((?:#[^)]*)?\))")


def public_names() -> dict[str, list[str]]:
    """Returns the names of each public package, as its `__all__` has them."""
    return {
        package: sorted(importlib.import_module(package).__all__)
        for package in PACKAGES
    }


def api_page(package: str, name: str) -> str:
    """Returns the page of a public name."""
    return f"api/{package}.{name}.md"


def _is_page(package: str, name: str) -> bool:
    return f"{package}.{name}" not in PACKAGES and name != "__version__"


def api_pages() -> dict[str, str]:
    """Returns the pages of the API reference: path and Markdown."""
    pages, index = {}, ["# API reference\n"]
    for package, names in public_names().items():
        about = importlib.import_module(package).__doc__.strip()
        index.append(f"\n## {package}\n\n{about.splitlines()[0]}\n")
        for name in names:
            if not _is_page(package, name):
                continue
            pages[api_page(package, name)] = f"::: {package}.{name}\n"
            index.append(f"- [`{name}`]({package}.{name}.md)")
    pages["api/index.md"] = "\n".join(index) + "\n"
    return pages


def files_page() -> str:
    """Returns a page with the first line of every module's docstring."""
    lines = ["# Every file, in one line\n"]
    for folder in sorted({p.parent for p in (ROOT / "seqapps").rglob("*.py")}):
        about = _first_line(folder / "__init__.py")
        name = folder.relative_to(ROOT).as_posix()
        lines.append(f"\n## {name}\n\n{about}\n\n| file | |\n|---|---|")
        for path in sorted(folder.glob("[!_]*.py")):
            cell = _first_line(path).replace("|", "\\|")
            lines.append(f"| `{path.name}` | {cell} |")
    return "\n".join(lines) + "\n"


def _first_line(path: Path) -> str:
    if not path.exists():
        return ""
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return docstring.partition("\n\n")[0].replace("\n", " ")


def notebook(path: Path) -> tuple[str, dict[str, bytes]]:
    """Returns a notebook as Markdown, and its pictures by file name."""
    parts, pictures = [], {}
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(text)
            continue
        parts.append(f"```python\n{text}\n```")
        for output in cell["outputs"]:
            data = output.get("data", {})
            if "image/png" in data:
                name = f"{path.stem}-{len(pictures)}.png"
                pictures[name] = base64.b64decode("".join(data["image/png"]))
                parts.append(f"![What the cell above draws]({name})")
            elif "text/plain" in data or "text" in output:
                shown = "".join(data.get("text/plain", output.get("text", "")))
                parts.append(f"```text\n{shown.rstrip()}\n```")
    return "\n\n".join(parts) + "\n", pictures


def place(target: str) -> str:
    """Returns the path in the site of a file of the repository."""
    if target == "docs/pages.py":  # what it makes, and only the site has
        return "files.md"
    if target.startswith("docs/"):
        return target.removeprefix("docs/")
    if target in COPIES:
        return COPIES[target]
    if target.startswith("examples/") and target.endswith(".ipynb"):
        return target.removesuffix("ipynb") + "md"
    if target.startswith("seqapps/") and (ROOT / target).is_dir():
        return "api/index.md"
    if target == "examples":
        return "examples/1-a-first-tune.md"
    return f"source/{target.removeprefix('.')}.md"


def relink(markdown: str, source: str, page: str) -> tuple[str, set[str]]:
    """Turns links between files of the repository into links of the site.

    Args:
        markdown: of the file.
        source: its path in the repository.
        page: its path in the site.

    Returns:
        The Markdown, and the files that it links to.
    """
    targets = set()

    def moved(match):
        target = posixpath.normpath(
            posixpath.join(posixpath.dirname(source), match[2])
        )
        if not (ROOT / target).exists():
            return match[0]  # MkDocs says that it is broken
        targets.add(target)
        there = posixpath.relpath(place(target), posixpath.dirname(page) or ".")
        return match[1] + there + match[3]

    return _LINK.sub(moved, markdown), targets


def _source_page(target: str) -> str:
    language = {"py": "python", "toml": "toml", "yml": "yaml"}
    path = ROOT / target
    kind = language.get(path.suffix[1:], "text")
    text = path.read_text("utf-8")
    return f"# {target}\n\n````{kind}\n{text}\n````\n"


def write(folder: Path) -> None:
    """Writes all pages, and what they show, into a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(
        ROOT / "docs", folder, ignore=shutil.ignore_patterns("*.md", "*.py")
    )
    pages, wanted = api_pages() | {"files.md": files_page()}, set()
    texts = {}  # of the repository: path, Markdown
    for path in sorted((ROOT / "docs").rglob("*.md")):
        name = path.relative_to(ROOT).as_posix()
        texts[name] = (place(name), path.read_text("utf-8"))
    for name, page in COPIES.items():
        texts[name] = (page, (ROOT / name).read_text("utf-8"))
    for path in sorted((ROOT / "examples").glob("*.ipynb")):
        name = path.relative_to(ROOT).as_posix()
        markdown, pictures = notebook(path)
        texts[name] = (place(name), markdown)
        (folder / "examples").mkdir(exist_ok=True)
        for picture, png in pictures.items():
            (folder / "examples" / picture).write_bytes(png)
    for name, (page, text) in texts.items():
        pages[page], targets = relink(text, name, page)
        wanted |= targets
    for target in wanted:
        if (page := place(target)).startswith("source/"):
            pages[page] = _source_page(target)
    for page, markdown in pages.items():
        path = folder / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(markdown, "utf-8")


if __name__ == "__main__":
    write(BUILD)

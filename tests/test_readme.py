"""The README's Python runs, on a small collection."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def blocks():
    text = (ROOT / "README.md").read_text("utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.S)


def test_the_lines_for_a_keras_user_run(
    blocks, data_dir, tmp_path, monkeypatch
):
    from seqapps.tasks import music

    whole = music.load_data

    def small(batch_size):
        assert batch_size == 64
        return whole(collection="ryan", data_dir=data_dir, limit=61)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(music, "load_data", small, raising=False)
    (lines,) = (block for block in blocks if "model.fit" in block)
    lines = lines.replace("units=512", "units=16").replace(
        "epochs=20", "epochs=1, verbose=0"
    )
    names = {}
    exec(lines, names)
    assert names["composer"].generate(key="G", seed=1)[0].startswith("X:1")
    assert (tmp_path / "saved_models/music/3/saved_model.pb").exists()


def test_the_shipped_model_runs_by_plain_tensorflow(blocks, monkeypatch):
    monkeypatch.chdir(ROOT)
    (lines,) = (block for block in blocks if "tf.saved_model" in block)
    *before, last = lines.strip().splitlines()
    names = {}
    exec("\n".join([*before, f"tunes = {last}"]), names)
    assert b"K:G" in names["tunes"].numpy()[0]


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
)
def test_what_a_page_names_is_there(page):
    text, last = page.read_text("utf-8"), ""
    for file, name in re.findall(r"`(test_\w+\.py)?::(test_\w+)`", text):
        last = file or last
        assert f"def {name}(" in (ROOT / "tests" / last).read_text("utf-8")
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / link).exists(), link


def test_the_floors_name_every_file():
    text = (ROOT / "README.md").read_text("utf-8")
    table = text.partition("## What it is made of")[2].split("```")[1]
    for path in (ROOT / "seqapps").iterdir():
        if path.stem[0] != "_" and path.stem != "tasks":
            assert re.search(rf"(?m)[ ]{path.stem}\b", table), path.stem

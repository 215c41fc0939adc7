"""Files that the user did not mean are not overwritten."""

import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from seqapps import files
from seqapps.console.paths import Named, Writes, check, is_stream
from seqapps.errors import InputError

UNIX = pytest.mark.skipif(os.name == "nt", reason="of Unix")
FILE, PAGE = Writes(), Writes((".html",))
FOLDER = Writes(inside=("index.html", "tune-*"))


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text("text\n")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "recipe.toml").write_text("")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "tune-1.abc").write_text("X:1")
    if os.name != "nt":
        os.symlink("in.csv", "link")
        os.symlink("nowhere", "dangling")
        os.symlink("loop", "loop")
        os.symlink("run", "way")
        os.link("in.csv", "hard")
    return tmp_path


SAME = [
    ([("--input", "in.csv", None), ("--output", "in.csv", FILE)], "is the in"),
    ([("--input", "in.csv", None), ("--output", "./in.csv", FILE)], "is the"),
    ([("--input", "in.csv", None), ("--output", "run/../in.csv", FILE)], ""),
    ([("--input", "link", None), ("--output", "in.csv", FILE)], "is the input"),
    ([("--input", "in.csv", None), ("--output", "link", FILE)], "is the input"),
    ([("--input", "hard", None), ("--output", "in.csv", FILE)], "is the input"),
    ([("--config", "in.csv", None), ("--output", "in.csv", FILE)], "--config"),
    ([("--output", "a", FILE), ("--explain", "a", FILE)], "cannot be both"),
    ([("--output", "a", FILE), ("--explain", "./a", FILE)], "cannot be both"),
    ([("--output", "a", FILE), ("--explain", "A", FILE)], "cannot be both"),
    ([("--output", "\u00e9", FILE), ("--explain", "e\u0301", FILE)], "both"),
    ([("--output", "nowhere", FILE), ("--explain", "dangling", FILE)], "both"),
    (
        [("--from", "run", None), ("--output", "run/recipe.toml", FILE)],
        "--from",
    ),
    (
        [("--from", "run", None), ("--output", "way/recipe.toml", FILE)],
        "--from",
    ),
    (
        [("--primer", "out/tune-1.abc", None), ("--output", "out", FOLDER)],
        "pri",
    ),
    (
        [("--vary", "out/TUNE-9.mid", None), ("--output", "out", FOLDER)],
        "--vary",
    ),
    ([("--explain", "out/index.html", PAGE), ("--output", "out", FOLDER)], ""),
    ([("--output", "run", FILE)], "is not a file"),
    ([("--output", ".", FILE)], "is not a file"),
    ([("--output", "no/a", FILE)], "no folder no"),
    ([("--output", "in.csv/a", FILE)], "in.csv is a file"),
    ([("--output", "in.csv/a", FOLDER)], "is a file"),
    ([("--explain", "a.pdf", PAGE)], "must end with .html"),
    ([("--explain", "html", PAGE)], "must end with .html"),
    ([("--output", "x" * 300, FILE)], "too long"),
    ([("--output", "loop", FILE)], "symbolic links"),
]


@UNIX
@pytest.mark.parametrize("named, says", SAME, ids=lambda x: "")
def test_paths_that_cannot_be_used_are_refused(here, named, says):
    with pytest.raises(InputError) as refused:
        check(Named(flag, Path(path), mark) for flag, path, mark in named)
    assert says in str(refused.value)


@UNIX
@pytest.mark.parametrize(
    "named",
    [
        [("--input", "in.csv", None), ("--output", "new.csv", FILE)],
        [("--input", "in.csv", None), ("--output", "IN.csv", FILE)],
        [("--input", "in.csv", None), ("--output", "dangling", FILE)],
        [("--input", "in.csv", None), ("--explain", "a.HTML", PAGE)],
        [("--from", "run", None), ("--output", "run/scored.csv", FILE)],
        [("--primer", "out/mine.abc", None), ("--output", "out", FOLDER)],
        [("--primer", "in.csv", None), ("--output", ".", FOLDER)],
        [("--output", "a/b/c", FOLDER)],
        [("--output", "/dev/null", FILE), ("--explain", "/dev/null", PAGE)],
        [("--input", "/dev/stdin", None), ("--output", "/dev/stdout", FILE)],
    ],
    ids=lambda x: "",
)
def test_other_paths_are_taken(here, named):
    check(Named(flag, Path(path), mark) for flag, path, mark in named)


@UNIX
def test_what_a_stream_reads_is_not_written(here, monkeypatch):
    kept = os.dup(0)
    with open("in.csv") as file:
        os.dup2(file.fileno(), 0)
    try:
        with pytest.raises(InputError, match="standard input"):
            check([Named("--output", Path("in.csv"), FILE)])
    finally:
        os.dup2(kept, 0)
        os.close(kept)


@UNIX
@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root")
def test_a_file_that_is_read_only_stays(here):
    (here / "in.csv").chmod(0o444)
    with pytest.raises(InputError, match="read-only"):
        check([Named("--output", Path("in.csv"), FILE)])


@UNIX
def test_a_links_target_is_written_and_permissions_stay(here):
    (here / "in.csv").chmod(0o640)
    files.write_file(here / "link", "new")
    assert (here / "link").is_symlink()
    assert (here / "in.csv").read_text() == "new"
    assert stat.S_IMODE((here / "in.csv").stat().st_mode) == 0o640
    files.write_file(here / "dangling", "made")
    assert (here / "nowhere").read_text() == "made"
    long = here / ("x" * 250)
    files.write_file(long, "long")
    assert long.read_text() == "long"
    assert not [p for p in here.iterdir() if p.name.startswith(".")]


@UNIX
def test_a_pipe_and_a_device_are_written_to(here):
    os.mkfifo("pipe")
    got = []
    reader = threading.Thread(
        target=lambda: got.append(Path("pipe").read_text())
    )
    reader.start()
    files.write_file(Path("pipe"), "through")
    reader.join()
    assert got == ["through"] and stat.S_ISFIFO(os.stat("pipe").st_mode)
    draft = here / "draft"
    draft.write_text("whole")
    with pytest.raises(InputError, match="not a file"):
        files.replace_file(draft, Path("pipe"))
    assert is_stream(Path("pipe"))


@UNIX
def test_standard_output_has_a_name(here, capfd):
    # not /dev/stdout, which a fault would take away from everyone
    print("before", flush=True)
    files.write_file(Path("/dev/fd/1"), "named\n")
    print("after", flush=True)
    assert capfd.readouterr().out == "before\nnamed\nafter\n"


def test_a_failure_leaves_what_was_there(tmp_path):
    path = tmp_path / "a"
    path.write_text("old")
    with pytest.raises(OSError, match="full"), files.atomic_file(path) as file:
        file.write(b"new")
        raise OSError("full")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]

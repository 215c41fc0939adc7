"""Wherever it runs: streams that are closed, narrow or full, and Ctrl-C."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest

from seqapps.console import terminal

UNIX = pytest.mark.skipif(os.name == "nt", reason="of Unix")
SAY = "print('caf\\u00e9 \\u65e5 \\U0001f600')"
FAIL = "raise InputError('caf\\u00e9 \\u65e5')"


def answering(body):
    """A program that does this as a command."""
    return [
        sys.executable,
        "-c",
        "import sys\n"
        "from seqapps.console import terminal\n"
        "from seqapps.errors import InputError\n"
        f"with terminal.answering('toy'):\n    {body}\n",
    ]


@contextlib.contextmanager
def interrupted(code, folder, after=0):
    """A program that has said that it waits, and has been told to stop."""
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
    ) as process:
        assert process.stdout.readline() == b"waits\n"
        time.sleep(after)
        process.send_signal(signal.SIGINT)
        yield process


@pytest.mark.parametrize(
    "environment, out",
    [
        ({"PYTHONIOENCODING": "ascii"}, rb"caf\u00e9 \u65e5 \ud83d\ude00"),
        ({"PYTHONIOENCODING": "latin-1"}, b"caf\xe9 \\u65e5 \\ud83d\\ude00"),
        ({"PYTHONIOENCODING": "cp1252"}, b"caf\xe9 \\u65e5 \\ud83d\\ude00"),
        ({"PYTHONIOENCODING": "utf-8"}, "café 日 😀".encode()),
        pytest.param(
            {
                "LC_ALL": "C",
                "PYTHONUTF8": "0",
                "PYTHONCOERCECLOCALE": "0",
            },
            rb"caf\u00e9 \u65e5 \ud83d\ude00",
            marks=UNIX,
        ),
    ],
)
def test_what_an_encoding_lacks_is_escaped_as_in_json(environment, out):
    done = subprocess.run(
        answering(SAY), capture_output=True, env={**os.environ, **environment}
    )
    assert done.stdout.rstrip() == out and done.stderr == b""
    done = subprocess.run(
        answering(FAIL), capture_output=True, env={**os.environ, **environment}
    )
    assert done.returncode == 2 and b"Traceback" not in done.stderr
    assert done.stderr.count(b"\n") == 1


@UNIX
@pytest.mark.parametrize(
    "body, shell, code",
    [
        (SAY, ">&-", 0),
        (SAY, "2>&-", 0),
        (SAY, ">&- 2>&-", 0),
        (SAY, "<&- >&- 2>&-", 0),
        (FAIL, ">&-", 2),
        (FAIL, "2>&-", 2),
        pytest.param(SAY, ">/dev/full", 2),
        pytest.param(FAIL, "2>/dev/full", 2),
    ],
)
def test_closed_and_full_streams_are_no_traceback(body, shell, code):
    if "full" in shell and not os.path.exists("/dev/full"):
        pytest.skip("of Linux")
    done = subprocess.run(
        ["sh", "-c", f'"$@" {shell}', "sh", *answering(body)],
        capture_output=True,
    )
    assert done.returncode == code
    assert b"Traceback" not in done.stderr
    assert done.stderr.count(b"\n") <= 1


@UNIX
def test_an_interrupt_is_one_line_and_130(tmp_path):
    code = (
        "import sys, time\n"
        "from seqapps.cli import verbs\n"
        "from seqapps.console import terminal\n"
        "from seqapps.tasks.music import TASK\n"
        "def wait(*_):\n    'Wait.'\n"
        "    print('waits', flush=True)\n"
        "    with terminal.progress():\n"
        "        time.sleep(60)\n"
        "verbs._inspect = wait\n"
        "verbs.main(TASK, ['inspect'])\n"
    )
    with interrupted(code, tmp_path) as process:
        assert process.stderr.read() == b"seqapps music: stopped\n"
    assert process.returncode == 130


def test_a_message_does_not_speak_to_the_terminal():
    assert terminal.shown("a\x1b[31m\n\x07 b\u202e\ud800") == "a [31m b"
    assert terminal.shown("n\udcc3\udcb6.csv") == "n\udcc3\udcb6.csv"


@UNIX
def test_a_folder_that_is_gone_is_said(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["sh", "-c", 'rmdir "$PWD"; "$@"', "sh", *answering("open('a')")],
        cwd=gone,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "current folder is gone" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@UNIX
@pytest.mark.parametrize(
    "meanwhile",
    [
        "class Late:\n"  # Python meets it where nothing can be raised
        "    def __del__(self): sys.stdout.write('!'); time.sleep(60)\n"
        "Late()",
        "try: time.sleep(60)\n"  # a library takes it for its own
        "except KeyboardInterrupt: raise ValueError from None",
        "try: time.sleep(60)\nexcept KeyboardInterrupt: time.sleep(60)",
        "exec('import time; time.sleep(60)')",
        "from seqapps.text import strings\n"
        "list(strings.map_concurrently(lambda _: time.sleep(60), [[0]] * 9))",
        "import ctypes\n"  # it computes, and Python has no say
        "ctypes.CDLL(None).sleep(2); ctypes.CDLL(None).sleep(60)",
        "from pathlib import Path; from seqapps import files\n"
        "with files.atomic_file(Path('kept')): ctypes.CDLL(None).sleep(60)",
        "from pathlib import Path; from seqapps import files\n"
        "with files.lock_folder(Path('.')): ctypes.CDLL(None).sleep(60)",
    ],
)
def test_an_interrupt_ends_whatever_runs(meanwhile, tmp_path):
    (tmp_path / "kept").write_text("before")
    code = (
        "import ctypes, sys, time\n"
        "from seqapps.console import terminal\n"
        "def work():\n    " + meanwhile.replace("\n", "\n    ") + "\n"
        "with terminal.answering('toy', process=True):\n"
        "    print('waits', flush=True)\n"
        "    work()\n"
    )
    with interrupted(code, tmp_path, after=0.3) as process:
        assert process.stderr.readline() == b"seqapps toy: stopped\n"
        assert process.stderr.read() == b""
        assert process.wait(30) == 130
    assert [p.name for p in tmp_path.iterdir()] == ["kept"]
    assert (tmp_path / "kept").read_text() == "before"


@UNIX
def test_an_interrupt_while_the_command_line_is_imported(tmp_path):
    code = (
        "import runpy, sys\n"
        "class Slow:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'cyclopts':\n"
        "            import time; print('waits', flush=True); time.sleep(60)\n"
        "sys.meta_path.insert(0, Slow())\n"
        "runpy.run_module('seqapps.tasks.music', run_name='__main__')\n"
    )
    with interrupted(code, tmp_path) as process:
        assert process.stderr.read() == b"seqapps music: stopped\n"
        assert process.wait(30) == 130

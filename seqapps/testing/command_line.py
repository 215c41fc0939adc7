"""The check that bad input gets one line and exit code 2, and loses nothing."""

import contextlib
import io
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from seqapps import cli
from seqapps.testing.trial import ContractError, Trial, demand

_RECIPES = {
    "broken.toml": "[model\n",
    "unknown-table.toml": "[no-such-table]\nx = 1\n",
    "unknown-key.toml": "[model]\nno-such-key = 1\n",
}


def refuses_bad_input(trial: Trial) -> None:
    """Bad input gets one line and exit code 2, and loses nothing."""
    run, saved = str(trial.trained.run), str(trial.saved)
    verb = trial.task.command.__name__
    lines = [
        ["no-such-verb"],
        [verb, "--no-such-flag"],
        *([verb, "--config", name] for name in [*_RECIPES, "missing.toml"]),
        *([name, "--from", "nowhere"] for name in ("evaluate", "inspect")),
        ["train", "--resume", "nowhere"],
        ["export", "--from", saved, "--to", "new"],
        ["export", "--from", run, "--to", saved],
        *trial.bad,
    ]
    with trial.inside("bad") as folder:
        for name, content in {**_RECIPES, **trial.files}.items():
            (folder / name).write_text(content, "utf-8")
        before = _contents(trial.folder)
        for words in lines:
            _check_line(trial, words, before)


def _check_line(
    trial: Trial, words: Sequence[str], before: dict[str, bytes]
) -> None:
    what = f"`{' '.join(words)}`"
    with _captured() as captured:
        code: object = 0
        try:
            cli.main(trial.task, list(words))
        except SystemExit as left:
            code = left.code
        except Exception as error:
            raise ContractError(
                f"{what} raises {type(error).__name__}: {error}. Raise "
                "seqapps.InputError for what the user can mend"
            ) from error
    out, err = captured
    demand(
        code == 2,
        f"{what} ends with exit code {code}, not 2: check the arguments before "
        "the work, and raise seqapps.InputError",
    )
    demand(
        len(err.splitlines()) == 1 and not out,
        f"{what} must write one line, on standard error. It writes {out!r} and "
        f"{err!r}",
    )
    after = _contents(trial.folder)
    changed = sorted(
        path
        for path in before.keys() | after.keys()
        if before.get(path) != after.get(path)
    )
    demand(
        not changed,
        f"{what} changes {', '.join(changed)}: check the arguments before "
        "anything is written, and write by `seqapps.files`",
    )


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@contextlib.contextmanager
def _captured() -> Iterator[list[str]]:
    """Captures both standard streams, whoever writes to them."""
    texts: list[str] = []
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(_Capture(fd)) for fd in (1, 2)]
        stdin = sys.stdin
        sys.stdin = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        try:
            yield texts
        finally:
            sys.stdin = stdin
            texts += [file.text() for file in files]


class _Capture:
    """Sends a standard stream to a temporary file.

    Args:
        fd: 1, standard output, or 2, standard error.
    """

    def __init__(self, fd: int):
        self.fd, self.name = fd, {1: "stdout", 2: "stderr"}[fd]

    def __enter__(self) -> "_Capture":
        import tempfile

        self._file = tempfile.TemporaryFile()
        self._stream = getattr(sys, self.name)
        self._descriptor = os.dup(self.fd)
        os.dup2(self._file.fileno(), self.fd)
        stream = open(self.fd, "w", encoding="utf-8", closefd=False)
        setattr(sys, self.name, stream)
        return self

    def __exit__(self, *exception: object) -> None:
        getattr(sys, self.name).close()
        setattr(sys, self.name, self._stream)
        os.dup2(self._descriptor, self.fd)
        os.close(self._descriptor)
        self._file.close()

    def text(self) -> str:
        """What was written so far."""
        getattr(sys, self.name).flush()
        self._file.seek(0)
        return self._file.read().decode("utf-8", "replace")

"""Lets a training meet trouble, and prints how it answers.

    python benchmarks/trouble.py [music|sentiment|translation]

One training is run unbroken, and once more on a disk of 20 MB that is filled
while it trains. What is left is resumed, again and again: with a bit flipped in
the newest checkpoint, while another process trains it, with SIGTERM and Ctrl-C,
from a folder that is read-only, or becomes so, and with a row less in the data.
It prints a table of what was said, with the exit codes, and exits with 1 where
an exit code is another, or the end differs from that of the unbroken run.
Linux; root, for it mounts.
"""

import argparse
import contextlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import kill  # the script beside this one: its data and recipes

from seqapps.training.state import find_state, read_state

DISK = "20M"
UNITS = "--model.units=256"  # a state of some megabytes
SECONDS = 1200  # that a process may take


def mount(*words):
    """Calls `mount`."""
    subprocess.run(["mount", *map(str, words)], check=True)


def unmount(path):
    """Calls `umount`, for whoever still works there."""
    subprocess.run(["umount", "-l", str(path)], check=True)


class Story:
    """A training on a small disk, and what happens to it.

    Args:
        task: its name.
        folder: where it works.
        words: that begin it.
    """

    def __init__(self, task, folder, words):
        self.task, self.folder, self.words = task, folder, words
        self.right = True
        print("| what happens | exit code | what is said | seconds |")
        print("|---|---|---|---|", flush=True)

    @property
    def run(self):
        """The folder of the run."""
        (run,) = (self.folder / "runs" / self.task).iterdir()
        return run

    def start(self, *words):
        """Starts a process; its errors are `process.errors`."""
        errors = tempfile.TemporaryFile("w+", encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-m", f"seqapps.tasks.{self.task}", "train"]
            + [*words],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        process.errors, process.begun = errors, time.monotonic()
        return process

    def trained(self, process, run=None):
        """Waits until a process has saved a few steps more of a run."""
        before = self.step(run)
        while self.step(run) < before + 3:
            if process.poll() is not None:
                self.end(process, "it ended too early", None)
                sys.exit(1)
            time.sleep(0.2)
        process.begun = time.monotonic()  # what follows is timed

    def step(self, run=None):
        """The steps that the newest whole checkpoint holds."""
        found = read_state(run or self.run)
        return found.step if found else 0

    def end(self, process, what, code, alone=True):
        """Waits for the end of a process, and prints it.

        Args:
            process: of `start`.
            what: has happened.
            code: the right exit code.
            alone: whether no other process writes there meanwhile.
        """
        found = process.wait(SECONDS)
        seconds = time.monotonic() - process.begun
        process.errors.seek(0)
        said = [
            line
            for line in process.errors.read().splitlines()
            if line.startswith("seqapps ") or "damaged" in line
        ]  # not what the data say
        said = "; ".join(said).replace(f"{self.folder.parent}/", "")
        said = said.replace(f"runs/{self.task}/{self.run.name}", "RUN")
        print(f"| {what} | {found} | {said} | {seconds:.1f} |")
        wrong = [] if found == code else [f"the exit code is not {code}"]
        drafts = self.run.glob(".state*") if alone else ()
        wrong += [f"{path.name} is left" for path in drafts]
        if damage := find_state(self.run).damage:
            wrong.append(damage)
        if wrong:
            print(f"WRONG: {'; '.join(wrong)}")
        sys.stdout.flush()
        self.right &= not wrong

    def fills(self):
        """The disk is filled while it trains."""
        process = self.start(*self.words)
        while not any(self.folder.glob("runs/*/*/state.npz")):
            time.sleep(0.2)
        self.trained(process)
        path = self.folder / "filling"
        with path.open("wb", buffering=0) as file:
            while process.poll() is None:
                with contextlib.suppress(OSError):
                    file.write(b"0" * 4096)
                time.sleep(0)
        path.unlink()
        self.end(process, f"a disk of {DISK} is full", 2)

    def goes_bad(self):
        """A bit is flipped; then two train one run, and one gets SIGTERM."""
        path = self.run / "state.npz"
        raw = bytearray(path.read_bytes())
        raw[len(raw) // 2] ^= 1
        path.write_bytes(raw)
        process = self.start("--resume")
        self.trained(process)
        process.send_signal(signal.SIGSTOP)  # it would end too early
        other = self.start("--resume")
        self.end(other, "another process trains it", 2, alone=False)
        process.begun = time.monotonic()
        process.terminate()
        process.send_signal(signal.SIGCONT)
        self.end(process, "a bit had been flipped; SIGTERM", 143)

    def interrupted(self):
        """Ctrl-C."""
        process = self.start("--resume")
        self.trained(process)
        process.send_signal(signal.SIGINT)
        self.end(process, "Ctrl-C", 130)

    def is_locked_up(self):
        """Its folder is read-only, and becomes so while it trains."""
        for what in ("is read-only", "becomes read-only"):
            process = None
            if what.startswith("becomes"):
                process = self.start("--resume")
                self.trained(process)
            run = self.run
            mount("--bind", run, run)
            mount("-o", "remount,bind,ro", run)
            try:
                process = process or self.start("--resume")
                self.end(process, f"the folder of the run {what}", 2)
            finally:
                unmount(run)

    def loses_a_row(self):
        """A row is taken from the data."""
        (path,) = self.folder.glob("*.*")
        text = path.read_text("utf-8")
        blocks = "\n\n" if self.task == "music" else "\n"
        rows = text.split(blocks)
        path.write_text(blocks.join(rows[:7] + rows[8:]), "utf-8")
        run, copy = self.run, self.folder.parent / "copy"
        shutil.copytree(run, copy)
        process = self.start("--resume", str(run))
        self.end(process, "a row of the data is gone", 2)
        process = self.start("--resume", str(copy), "--force")
        self.trained(process, run=copy)
        process.terminate()
        self.end(process, "the same with --force; SIGTERM", 143)
        shutil.rmtree(copy)
        path.write_text(text, "utf-8")


def main():
    """Tells the story of a task."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("task", nargs="?", default="music")
    task = parser.parse_args().task
    # what a shell starts with & would ignore Ctrl-C, and so would we
    signal.signal(signal.SIGINT, signal.default_int_handler)
    recipe = kill.RECIPES[task].replace("--model.units=8", UNITS)
    words = [*recipe.split(), *kill.FIT.split(), "--fit.epochs=20"]
    folder = Path(tempfile.mkdtemp(prefix=f"trouble-{task}-"))
    for part in ("whole", "disk"):
        (folder / part).mkdir()
    kill.write_data(folder / "whole")
    mount("-t", "tmpfs", "-o", f"size={DISK}", "none", folder / "disk")
    try:
        name = kill.RECIPES[task].partition("--data.path=")[2].split()[0]
        shutil.copy(folder / "whole" / name, folder / "disk")
        story = Story(task, folder / "disk", words)
        story.fills()
        story.goes_bad()
        story.interrupted()
        story.is_locked_up()
        story.loses_a_row()
        story.end(story.start("--resume"), "nothing more", 0)
        other = Story(task, folder / "whole", words)
        other.end(other.start(*words), "nothing at all", 0)
        apart = kill.differences(
            kill.content(other.run), kill.content(story.run)
        )
        end = ", ".join(apart) or "the end is that of the unbroken run"
        print(f"\n{task}: {end}")
    finally:
        unmount(folder / "disk")
        shutil.rmtree(folder)
    sys.exit(bool(apart) or not story.right)


if __name__ == "__main__":
    main()

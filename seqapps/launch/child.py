"""Runs a module that ends with the process that started it.

    python -m seqapps.launch.child MODULE WORDS ...

A worker of Ray can be killed at any moment. What it started would train on,
hold the run's lock and its port: so it watches a pipe, which closes when the
worker is gone, whatever ended it.
"""

import os
import runpy
import sys
import threading

_LOST = 128 + 9  # as if killed


def _end_with_parent(pipe: int) -> None:
    while os.read(pipe, 1):
        pass
    os._exit(_LOST)


def main() -> None:
    """Runs the module that the first word names; standard input is the pipe."""
    pipe = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    threading.Thread(target=_end_with_parent, args=(pipe,), daemon=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

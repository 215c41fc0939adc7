"""The command line: `python -m seqapps.devices`."""

import json
import os
import sys
from collections.abc import Callable
from typing import Annotated, Literal

import cyclopts

from seqapps.console import terminal
from seqapps.errors import InputError

_Several = cyclopts.Parameter(consume_multiple=True, negative="")

app = cyclopts.App(
    name="python -m seqapps.devices",
    version_flags=[],
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)


def main(argv: list[str] | None = None) -> None:
    """Runs the command; exits with 1 where a device differs from the CPU."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with terminal.answering("devices", process=argv is None):
        app(argv, exit_on_error=False, print_error=False)


@app.default
def devices(
    *,
    task: Annotated[list[str] | None, _Several] = None,
    format: Literal["text", "json"] = "text",
) -> None:
    """Show what this machine has, and check that its devices agree.

    One page to paste: processor, memory, GPUs and versions; what
    --devices.name auto chooses, and why; and one training step of each task's
    network, at the size of its recipe, on the CPU, on each GPU, and mirrored
    (over two logical CPU devices where there are not two GPUs), in float32,
    TF32, bfloat16 and float16: its gradients beside the CPU's in float32,
    whether cuDNN was taken, or why not, the memory, and steps a second. It
    takes a minute or less, and exits with 1 if something differs.

    Args:
        task: Which to check, once or several times. Default: all.
        format: "json" prints the same as one object.
    """
    from seqapps.devices import page, report

    there = report.tasks()
    for name in task or []:
        if name not in there:
            raise InputError(f"--task is one of {', '.join(there)}; not {name}")
    with terminal.progress() as progress:

        def begin(parts: int) -> Callable[[], None]:
            bar = progress.add_task("one step on each device", total=parts)
            return lambda: progress.advance(bar)

        made = report.make(list(dict.fromkeys(task or [])), begin)
    if format == "json":
        json.dump(made, sys.stdout, indent=1)
        print()
    else:
        page.show(made)
    if not made["right"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()

"""The page of `python -m seqapps.devices`, by tables of rich."""

from typing import Any

from rich import box
from rich.console import Console, Group
from rich.table import Table

_MARKS = {True: "equal", False: "DIFFERS", None: "reference"}
_WIDTH = 110  # where no terminal has one: a page to paste


def show(report: dict[str, Any]) -> None:
    """Prints a report, as `report.make` returns it."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    machine, framework = report["machine"], report["framework"]
    console.print(Group(_facts(machine, framework), _steps(report["steps"])))
    console.print(_walks(report["steps"]))
    for line in report["notes"]:
        console.print(line, highlight=False)


def _facts(machine: dict[str, Any], framework: dict[str, Any]) -> Table:
    table = Table(box=box.ASCII2, show_header=False, title="This machine")
    table.add_column(style="bold")
    table.add_column()
    memory = machine["memory_gib"]
    table.add_row("system", machine["system"])
    table.add_row("processor", f"{machine['processor']}")
    table.add_row("cores for us", f"{machine['cores']}")
    table.add_row(
        "instructions", " ".join(machine["instructions"]) or "unknown"
    )
    table.add_row("memory", f"{memory} GiB" if memory else "unknown")
    for gpu in machine["gpus"]:
        table.add_row(
            "GPU, by its driver",
            f"{gpu['name']}, {gpu['memory']}, driver {gpu['driver']}, "
            f"capability {gpu['capability']}",
        )
    versions = ("python", "seqapps", "tensorflow", "keras", "numpy", "ray")
    told = [f"{name} {machine[name]}" for name in versions if name in machine]
    table.add_row("versions", ", ".join(told))
    if "error" in framework:
        table.add_row("TensorFlow", framework["error"])
        return table
    table.add_row("GPUs that TensorFlow sees", _gpus(framework["gpus"]))
    table.add_row("CUDA, cuDNN", f"{framework['cuda']}, {framework['cudnn']}")
    table.add_row("TF32", "on" if framework["tf32"] else "off")
    table.add_row("XLA", framework["xla"])
    auto = f"{framework['auto']}: {framework['why']}"
    table.add_row("--devices.name auto", auto)
    return table


def _gpus(names: list[str]) -> str:
    return f"{len(names)}: {', '.join(names)}" if names else "none"


def _steps(rows: list[dict[str, Any]]) -> Table:
    table = Table(
        box=box.ASCII2,
        title="One training step of each task, beside the CPU's in float32",
    )
    for name in ("task", "device", "precision"):
        table.add_column(name)
    for name in ("weights", "loss", "difference", "allowed"):
        table.add_column(name, justify="right")
    table.add_column("")
    for name in ("steps/s", "MB"):
        table.add_column(name, justify="right")
    for row in sorted(rows, key=lambda row: row["task"]):
        if row["error"]:
            cells = ["", "", "", "", "[red]failed[/red]", "", ""]
        else:
            mark = _MARKS[row["right"]]
            apart = row["difference"]
            cells = [
                f"{row['weights']:,}",
                f"{row['loss']:.5f}",
                "" if apart is None else f"{apart:.1e}",
                f"{row['tolerance']:.0e}" if apart is not None else "",
                f"[red]{mark}[/red]" if row["right"] is False else mark,
                f"{1000 / row['milliseconds']:.1f}",
                f"{row['megabytes']:,.0f}" if row["megabytes"] else "",
            ]
        table.add_row(row["task"], row["device"], row["precision"], *cells)
    return table


def _walks(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=box.ASCII2, title="How recurrent layers walk, and why")
    for name in ("task", "device", "layers", "walk"):
        table.add_column(name)
    seen = set()
    for row in rows:
        by_walk: dict[str, list[str]] = {}
        for layer, walk in row.get("walks", {}).items():
            by_walk.setdefault(walk, []).append(layer)
        for walk, layers in by_walk.items():
            cells = (row["task"], row["device"], ", ".join(layers), walk)
            if (row["task"], row["device"], walk) not in seen:
                seen.add((row["task"], row["device"], walk))
                table.add_row(*cells)
    return table

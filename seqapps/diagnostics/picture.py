"""Colours, labels and files of all pictures."""

import io
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from seqapps.errors import InputError
from seqapps.files import write_file

# Okabe and Ito's colours, told apart by colour-blind readers too
BLACK, BLUE, ORANGE, GREEN = "#222222", "#0072b2", "#d58a00", "#009e73"
RED, PURPLE = "#d55e00", "#b5648f"
GREY = "#8a8a8a"


def check(path: Path) -> Path:
    """Checks early whether a picture can be written.

    Raises:
        InputError: the path is no .png, or cannot be written.
    """
    if path.suffix.lower() != ".png":
        raise InputError(f"--output {path}: the name must end in .png")
    if path.is_dir():
        raise InputError(f"--output {path}: there is a folder of that name")
    folder = next(p for p in path.absolute().parents if p.exists())
    if not folder.is_dir():
        raise InputError(f"--output {path}: {folder} is no folder")
    if not os.access(folder, os.W_OK):
        raise InputError(f"--output {path}: {folder} cannot be written to")
    return path


def figure(width: float, height: float):
    """Makes an empty figure, in inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=110, layout="constrained")


def save(drawn, path: Path) -> Path:
    """Writes a figure, whole or not at all."""
    content = io.BytesIO()
    drawn.savefig(content, format="png", metadata={"Software": None})
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_file(path, content.getvalue())


def tidy(axes, title: str = "") -> None:
    """Sets the title and removes clutter."""
    axes.set_title(title, loc="left", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8, length=3)
    axes.grid(color="#e6e6e6", linewidth=0.6)
    axes.set_axisbelow(True)


def label_ends(
    axes, ends: Sequence[tuple[float, float, str, str]], gap: float = 0.075
) -> None:
    """Writes names to the right of the ends of lines, without overlaps.

    Args:
        axes: its limits and scales are final.
        ends: x, y, name and colour of each line.
        gap: the least distance between two names, in heights of the axes.
    """
    data = np.array([(x, y) for x, y, _, _ in ends])
    at = axes.transAxes.inverted().transform(axes.transData.transform(data))
    order = np.argsort(at[:, 1], kind="stable")
    places = np.clip(at[order, 1], 0, 1)
    for _ in range(200):  # push apart what is too near
        for i in range(len(places) - 1):
            short = gap - (places[i + 1] - places[i])
            if short > 1e-6:
                places[i] -= short / 2
                places[i + 1] += short / 2
    for i, place in zip(order, places, strict=True):
        _, _, name, colour = ends[i]
        axes.annotate(
            name,
            (at[i, 0], place),
            xytext=(5, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            color=colour,
            fontsize=8.5,
            va="center",
            annotation_clip=False,
        )

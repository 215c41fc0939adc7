"""What a translation looked at, sub-word by sub-word, drawn."""

import io
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seqapps import files
from seqapps.errors import InputError
from seqapps.tasks.translation.importers.sentences import Line
from seqapps.tasks.translation.rendering import fonts

_SENTENCES = 4  # that are drawn
_MOST = 60  # sub-words of a side that are drawn
_CELL = 0.3  # inches
_GAP = 0.3  # inches between two sentences, and before the scale
_EDGE = 0.12  # inches around all
_BAR = 0.12  # inches: the width of the scale, its height, its numbers
_LONGEST_BAR = 1.5
_NUMBERS = 0.3
_BEGIN = "▁"  # of a word, before its first sub-word
_END = "<end>"


@dataclass(frozen=True)
class Map:
    """The attention of one translation.

    Args:
        source: S sub-words.
        target: T sub-words.
        weights: `(T, S)`, what each target sub-word looked at; each row sums
            to 1.
    """

    source: Sequence[str]
    target: Sequence[str]
    weights: np.ndarray


def drawn(
    translator, windows: Iterable[list[Line]], path: Path, options: dict
) -> Iterator[list[Line]]:
    """Yields windows of lines, once the first lines in them have been drawn.

    Args:
        translator: a `Translator`, or a loaded saved model.
        windows: the lines; the first four that are not empty are drawn.
        path: of the picture.
        options: of `translate`.
    """
    shown: list[str] = []
    for window in windows:
        new = [line.text for line in window if line.text]
        if new := new[: _SENTENCES - len(shown)]:
            shown += new
            write(path, maps(translator, shown, options))
            print(f"{path}: what was looked at", file=sys.stderr)
        yield window
    if not shown:
        print(f"{path}: not drawn, for there is no sentence", file=sys.stderr)


def maps(translator, texts: Sequence[str], options: dict) -> list[Map]:
    """Translates texts, and keeps what the best translations looked at.

    Args:
        translator: a `Translator`, or a loaded saved model.
        texts: none empty.
        options: of `translate`.

    Raises:
        InputError: the model has no attention.
    """
    said = translator.translate(list(texts), **{**options, "nbest": 1})
    found = []
    for source, (target,), (weights,) in zip(
        said["source_tokens"],
        said["target_tokens"],
        said["attention"],
        strict=True,
    ):
        source = [token for token in source if token]
        target = [token for token in target if token]
        weights = np.array(weights, float)[: len(target), : len(source)]
        found.append(Map(source, target, weights))  # without the padding
    if not any(map.weights.any() for map in found):
        raise InputError("this model has no attention to show")
    return found


def write(path: Path, maps: Sequence[Map]) -> None:
    """Writes a picture; the ending of its name says of which kind."""
    kind = path.suffix.removeprefix(".").lower()
    files.write(path, picture(maps, kind or "png"))


def picture(maps: Sequence[Map], kind: str = "png") -> bytes:
    """Heat maps one below the other, with one scale of colours.

    Args:
        maps: of each the first 60 sub-words of both sides are drawn.
        kind: "png", "svg" or "pdf".
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    text = "".join(token for m in maps for token in (*m.source, *m.target))
    result = io.BytesIO()
    with warnings.catch_warnings(), rc_context(fonts.settings(text)):
        warnings.filterwarnings("ignore", "Glyph")  # a box stands for it
        warnings.filterwarnings("ignore", "Matplotlib currently does not")
        figure = Figure()
        axes = [_draw(figure, m) for m in maps]
        _place(figure, axes)
        when = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
        figure.savefig(
            result, format=kind, dpi=150, metadata=when.get(kind, {})
        )
    return result.getvalue()


def labels(tokens: Iterable[str]) -> list[str]:
    """Sub-words as a reader likes them: "▁walk", "ing" are "walk", "·ing".

    Example:
        >>> labels(["▁un", "likely", ".", "▁", "<end>"])
        ['un', '·likely', '.', '␣', 'end']
    """
    said = []
    for token in tokens:
        if token == _END:
            said.append("end")
        elif token.startswith(_BEGIN):
            said.append(token[len(_BEGIN) :] or "␣")
        elif said and any(map(str.isalnum, token)):
            said.append(f"·{token}")
        else:
            said.append(token)
    return said


def _draw(figure, map: Map):
    """One heat map, of the size that it should have, wherever that is."""
    axes = figure.add_axes([0, 0, 1, 1])
    weights = map.weights[:_MOST, :_MOST]
    axes.image = axes.imshow(
        weights, cmap=_colours(), vmin=0, vmax=1, aspect="auto"
    )
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for axis, tokens, turned in (
        (axes.xaxis, map.source, {"rotation": 60, "ha": "left"}),
        (axes.yaxis, map.target, {}),
    ):
        names = labels(tokens[:_MOST])
        if len(tokens) > _MOST:
            names[-1] += " …"
        axis.set_ticks(range(len(names)), names, fontsize=10, parse_math=False)
        for name, text in zip(tokens, axis.get_ticklabels(), strict=False):
            text.set(**turned, rotation_mode="anchor")
            if name == _END:
                text.set(color="grey", style="italic")
    # words stand apart, sub-words of one word touch
    for k, token in enumerate(map.source[:_MOST]):
        if k and (token.startswith(_BEGIN) or token == _END):
            axes.axvline(k - 0.5, color="white", linewidth=2)
    for k, token in enumerate(map.target[:_MOST]):
        if k and (token.startswith(_BEGIN) or token == _END):
            axes.axhline(k - 0.5, color="white", linewidth=2)
    axes.spines[:].set_visible(False)
    return axes


def _colours():
    """Magma from its light end to its dark one, first grey, then coloured.

    A grey is as light as what it is mixed with, so lightness falls evenly.
    """
    import matplotlib
    from matplotlib.colors import ListedColormap

    colours = matplotlib.colormaps["magma_r"](np.linspace(0, 1, 256))[:, :3]
    light = colours**2.2 @ [0.2126, 0.7152, 0.0722]  # as sRGB has it
    greys = light[:, None] ** (1 / 2.2)
    share = np.interp(np.arange(256), [0, 50], [1, 0])[:, None]
    return ListedColormap(colours + share * (greys - colours))


def _place(figure, axes: Sequence) -> None:
    """Sets the axes one below the other, their labels clear of all else."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.set_size_inches(1, 1)  # so that positions are inches
    sizes, margins = [], []
    for each in axes:
        rows, columns = each.image.get_array().shape
        width, height = columns * _CELL, rows * _CELL
        each.set_position([0, 0, width, height])
        box = each.get_tightbbox(renderer)
        x0, _, x1, y1 = np.array(box.extents) / figure.dpi
        sizes.append((width, height))
        margins.append((-x0, max(x1 - width, 0), y1 - height))
    left = _EDGE + max(margin[0] for margin in margins)
    bar = left + _GAP
    bar += max(s[0] + m[1] for s, m in zip(sizes, margins, strict=True))
    whole = np.array(
        [
            bar + _BAR + _NUMBERS + _EDGE,
            sum(s[1] + m[2] for s, m in zip(sizes, margins, strict=True))
            + _GAP * (len(axes) - 1)
            + 2 * _EDGE,
        ]
    )
    figure.set_size_inches(whole)

    def inches(x, y, width, height):
        return (x / whole[0], y / whole[1], width / whole[0], height / whole[1])

    y = whole[1] - _EDGE
    for each, (width, height), (_, _, top) in zip(
        axes, sizes, margins, strict=True
    ):
        y -= top + height
        each.set_position(inches(left, y, width, height))
        y -= _GAP
    top = whole[1] - _EDGE - margins[0][2]
    height = min(sizes[0][1], _LONGEST_BAR)
    scale = figure.add_axes(inches(bar, top - height, _BAR, height))
    scale = figure.colorbar(axes[0].image, cax=scale, ticks=[0, 0.5, 1])
    scale.outline.set_visible(False)
    scale.ax.tick_params(length=0, labelsize=9, labelcolor="grey")

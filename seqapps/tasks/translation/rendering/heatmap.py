"""Heat maps of the attention weights of translations."""

import io
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from seqapps import files
from seqapps.errors import InputError
from seqapps.tasks.translation.importers.input_lines import Line
from seqapps.tasks.translation.rendering import fonts

_MAX_SENTENCES = 4
_MAX_TOKENS = 60  # of each side
_CELL = 0.3  # inches, as all lengths below
_GAP = 0.3  # between two maps, and before the colour bar
_EDGE = 0.12
_BAR_WIDTH = 0.12
_BAR_HEIGHT = 1.5  # at most
_BAR_LABELS = 0.3
_WORD_START = "▁"
_END = "<end>"


@dataclass(frozen=True)
class AttentionMap:
    """The attention weights of one translation.

    Args:
        source: S sub-words.
        target: T sub-words.
        weights: `(T, S)`; each row sums to 1.
    """

    source: Sequence[str]
    target: Sequence[str]
    weights: np.ndarray


def draw_first(
    translator: Any,
    windows: Iterable[list[Line]],
    path: Path,
    options: dict[str, Any],
) -> Iterator[list[Line]]:
    """Yields the windows, after drawing the first four lines with a text.

    Args:
        translator: a `Translator`, or a loaded saved model.
        windows: of lines to translate.
        path: of the picture.
        options: of `translate`.
    """
    drawn: list[str] = []
    for window in windows:
        texts = [line.text for line in window if line.text]
        if texts := texts[: _MAX_SENTENCES - len(drawn)]:
            drawn += texts
            write_heatmap(path, attention_maps(translator, drawn, options))
            print(f"{path}: attention weights", file=sys.stderr)
        yield window
    if not drawn:
        print(f"{path}: not drawn, for there is no sentence", file=sys.stderr)


def attention_maps(
    translator: Any, texts: Sequence[str], options: dict[str, Any]
) -> list[AttentionMap]:
    """Translates texts; returns the attention of the best translations.

    Args:
        translator: a `Translator`, or a loaded saved model.
        texts: without empty ones.
        options: of `translate`.

    Raises:
        InputError: the model has no attention.
    """
    results = translator.translate(list(texts), **{**options, "nbest": 1})
    maps = []
    for source, (target,), (weights,) in zip(
        results["source_tokens"],
        results["target_tokens"],
        results["attention"],
        strict=True,
    ):
        source = [token for token in source if token]
        target = [token for token in target if token]
        weights = np.array(weights, float)[: len(target), : len(source)]
        maps.append(AttentionMap(source, target, weights))
    if not any(m.weights.any() for m in maps):
        raise InputError("this model has no attention to show")
    return maps


def write_heatmap(path: Path, maps: Sequence[AttentionMap]) -> None:
    """Writes heat maps in the format that the file's ending names."""
    format = path.suffix.removeprefix(".").lower()
    files.write_file(path, render(maps, format or "png"))


def render(maps: Sequence[AttentionMap], format: str = "png") -> bytes:
    """Draws heat maps one below the other, with one colour bar.

    Args:
        maps: the first 60 sub-words of both sides of each are drawn.
        format: "png", "svg" or "pdf".
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    text = "".join(token for m in maps for token in (*m.source, *m.target))
    result = io.BytesIO()
    with warnings.catch_warnings(), rc_context(fonts.font_settings(text)):
        warnings.filterwarnings("ignore", "Glyph")  # a box is drawn
        warnings.filterwarnings("ignore", "Matplotlib currently does not")
        figure = Figure()
        axes = [_draw(figure, m) for m in maps]
        _place(figure, axes)
        undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
        figure.savefig(
            result, format=format, dpi=150, metadata=undated.get(format, {})
        )
    return result.getvalue()


def token_labels(tokens: Iterable[str]) -> list[str]:
    """Readable labels of sub-words: "▁walk", "ing" become "walk", "·ing".

    Example:
        >>> token_labels(["▁un", "likely", ".", "▁", "<end>"])
        ['un', '·likely', '.', '␣', 'end']
    """
    labels: list[str] = []
    for token in tokens:
        if token == _END:
            labels.append("end")
        elif token.startswith(_WORD_START):
            labels.append(token[len(_WORD_START) :] or "␣")
        elif labels and any(map(str.isalnum, token)):
            labels.append(f"·{token}")
        else:
            labels.append(token)
    return labels


def _draw(figure: Any, attention: AttentionMap) -> Any:
    """Adds the axes of one heat map, to be placed by `_place`."""
    axes = figure.add_axes([0, 0, 1, 1])
    weights = attention.weights[:_MAX_TOKENS, :_MAX_TOKENS]
    axes.image = axes.imshow(
        weights, cmap=_colours(), vmin=0, vmax=1, aspect="auto"
    )
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for axis, tokens, rotation in (
        (axes.xaxis, attention.source, {"rotation": 60, "ha": "left"}),
        (axes.yaxis, attention.target, {}),
    ):
        names = token_labels(tokens[:_MAX_TOKENS])
        if len(tokens) > _MAX_TOKENS:
            names[-1] += " …"
        axis.set_ticks(range(len(names)), names, fontsize=10, parse_math=False)
        for name, text in zip(tokens, axis.get_ticklabels(), strict=False):
            text.set(**rotation, rotation_mode="anchor")
            if name == _END:
                text.set(color="grey", style="italic")
    # lines separate words, not the sub-words of a word
    for k, token in enumerate(attention.source[:_MAX_TOKENS]):
        if k and (token.startswith(_WORD_START) or token == _END):
            axes.axvline(k - 0.5, color="white", linewidth=2)
    for k, token in enumerate(attention.target[:_MAX_TOKENS]):
        if k and (token.startswith(_WORD_START) or token == _END):
            axes.axhline(k - 0.5, color="white", linewidth=2)
    axes.spines[:].set_visible(False)
    return axes


def _colours() -> Any:
    """Magma, light to dark, its light end faded to grey of equal lightness."""
    import matplotlib
    from matplotlib.colors import ListedColormap

    colours = matplotlib.colormaps["magma_r"](np.linspace(0, 1, 256))[:, :3]
    light = colours**2.2 @ [0.2126, 0.7152, 0.0722]  # sRGB luminance
    greys = light[:, None] ** (1 / 2.2)
    share = np.interp(np.arange(256), [0, 50], [1, 0])[:, None]
    return ListedColormap(colours + share * (greys - colours))


def _place(figure: Any, axes: Sequence[Any]) -> None:
    """Places the axes one below the other, with room for their labels."""
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
            bar + _BAR_WIDTH + _BAR_LABELS + _EDGE,
            sum(s[1] + m[2] for s, m in zip(sizes, margins, strict=True))
            + _GAP * (len(axes) - 1)
            + 2 * _EDGE,
        ]
    )
    figure.set_size_inches(whole)

    def inches(
        x: float, y: float, width: float, height: float
    ) -> tuple[float, ...]:
        return (x / whole[0], y / whole[1], width / whole[0], height / whole[1])

    y = whole[1] - _EDGE
    for each, (width, height), (_, _, top) in zip(
        axes, sizes, margins, strict=True
    ):
        y -= top + height
        each.set_position(inches(left, y, width, height))
        y -= _GAP
    top = whole[1] - _EDGE - margins[0][2]
    height = min(sizes[0][1], _BAR_HEIGHT)
    scale = figure.add_axes(inches(bar, top - height, _BAR_WIDTH, height))
    scale = figure.colorbar(axes[0].image, cax=scale, ticks=[0, 0.5, 1])
    scale.outline.set_visible(False)
    scale.ax.tick_params(length=0, labelsize=9, labelcolor="grey")

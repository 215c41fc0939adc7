"""The lecture's derivation: the gradient of a linear recurrence is W^k."""

from pathlib import Path

import numpy as np

from seqapps.diagnostics import picture
from seqapps.diagnostics.flow import gradient_flow
from seqapps.layers import RNN, SimpleRNNCell

RADII = {0.9: picture.BLUE, 1.0: picture.BLACK, 1.1: picture.RED}


def matrices(units: int, seed: int) -> dict[str, np.ndarray]:
    """Draws three matrices `(units, units)` of spectral radius 1.

    The first is normal: its eigenvectors are orthogonal. The second is less
    normal, and the third, with its eigenvalues on the diagonal, least.
    """
    rng = np.random.default_rng(seed)
    q, _ = np.linalg.qr(rng.normal(size=(units, units)))
    full = rng.normal(size=(units, units))
    signs = rng.choice([-1.0, 1.0], units)
    above = 0.4 * rng.normal(size=(units, units)) / units**0.5
    return {
        "orthogonal, so normal": q,
        "Gaussian, not normal": full / np.abs(np.linalg.eigvals(full)).max(),
        "triangular, far from normal": np.diag(signs) + np.triu(above, 1),
    }


def norms(w: np.ndarray, lags: int) -> np.ndarray:
    """Measures || dh_t / dh_{t-k} || of h_t = W h_{t-1} + x_t.

    Args:
        w: W `(units, units)`.
        lags: the largest k.

    Returns:
        `(lags,)`, for k = 1 ... lags: || W^k ||, by `gradient_flow`.
    """
    units = len(w)
    cell = SimpleRNNCell(units, activation=None, use_bias=False)
    layer = RNN(cell)
    layer.build((1, lags, units))
    # the cell multiplies a row from the right, the lecture a column from left
    layer.set_weights([np.eye(units), w.T])
    return gradient_flow(layer, np.zeros((1, lags, units))).norms


def draw(output: Path, units: int, lags: int, seed: int) -> str:
    """Draws the picture, and returns its numbers as text."""
    shown = [k for k in (1, 2, 5, 10, 20, 50) if k < lags] + [lags]
    text = [f"{'||W^k|| at k =':<27}    ρ" + "".join(f"{k:>10}" for k in shown)]
    drawn = picture.figure(11, 3.9)
    panels = drawn.subplots(1, 3, sharey=True)
    k = np.arange(1, lags + 1)
    ends = []
    for axes, (name, w) in zip(
        panels, matrices(units, seed).items(), strict=True
    ):
        for radius, colour in RADII.items():
            measured = norms(radius * w, lags)
            axes.plot(k, radius**k, color=colour, linewidth=1, linestyle=":")
            axes.plot(k, measured, color=colour, linewidth=2)
            ends.append((axes, (lags, measured[-1], f"ρ = {radius:g}", colour)))
            numbers = "".join(f"{measured[at - 1]:10.3g}" for at in shown)
            text.append(f"{name:<27}{radius:5.1f}{numbers}")
        picture.tidy(axes, f"W {name}")
        axes.set_yscale("log")
        axes.set_xlim(0, lags)
        axes.set_xlabel("lag k", fontsize=9)
        _draw_eigenvalues(axes.inset_axes([0.02, 0.66, 0.25, 0.27]), w)
    panels[0].set_ylabel("‖∂h$_t$ / ∂h$_{t-k}$‖ = ‖W$^k$‖", fontsize=9)
    panels[2].annotate(
        "dotted: ρ$^k$",
        (0.03, 0.05),
        xycoords="axes fraction",
        fontsize=8,
        color=picture.GREY,
    )
    for axes in panels:
        picture.label_ends(axes, [end for at, end in ends if at is axes])
    picture.save(drawn, output)
    return "\n".join(text)


def _draw_eigenvalues(axes, w: np.ndarray) -> None:
    turn = np.exp(1j * np.linspace(0, 2 * np.pi, 200))
    axes.plot(turn.real, turn.imag, color=picture.GREY, linewidth=0.7)
    values = np.linalg.eigvals(w)
    axes.scatter(values.real, values.imag, s=4, color=picture.BLACK)
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_title("eigenvalues / ρ", fontsize=7, pad=2, color=picture.GREY)

"""The command line: `python -m seqapps.diagnostics powers|gradients|recall`."""

from pathlib import Path
from typing import Annotated, Literal

import cyclopts
from cyclopts.validators import Number

from seqapps.console import terminal
from seqapps.diagnostics.picture import check
from seqapps.errors import InputError

Count = Annotated[int, cyclopts.Parameter(validator=Number(gte=1))]
Seed = Annotated[int, cyclopts.Parameter(validator=Number(gte=0))]
_Several = cyclopts.Parameter(consume_multiple=True, negative="")

app = cyclopts.App(
    name="python -m seqapps.diagnostics",
    help="Draw why gates exist: the three pictures of docs/recurrence.md.",
    version_flags=[],
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)


def main(argv: list[str] | None = None) -> None:
    """Runs a command; bad input is one line and exit code 2."""
    terminal.choose_tensorflow()
    with terminal.answering("diagnostics", process=argv is None):
        app(argv, exit_on_error=False, print_error=False)


@app.command
def powers(
    *,
    units: Count = 32,
    lags: Count = 100,
    seed: Seed = 0,
    output: Path = Path("out/powers.png"),
) -> None:
    """Draw the gradient of a linear recurrence (10 seconds).

    In h_t = W h_{t-1} + x_t the gradient of h_t by h_{t-k} is W^k. The spectral
    radius of W, here 0.9, 1 or 1.1, decides whether it shrinks or grows in the
    end; how far W is from normal decides what it does before. Three kinds of W
    are measured as any layer is, and drawn.

    Args:
        units: The size of h; W has units x units numbers.
        lags: The largest k.
        seed: Seed of the random numbers.
        output: The picture, a .png.
    """
    check(output)
    terminal.import_tensorflow()
    from seqapps.diagnostics import powers

    print(powers.draw(output, units, lags, seed))
    print(output)


@app.command
def gradients(
    *,
    units: Count = 32,
    lags: Count = 100,
    steps: Count = 100,
    seed: Seed = 0,
    output: Path = Path("out/gradients.png"),
) -> None:
    """Draw vanishing and exploding gradients (half a minute).

    For a tanh RNN, an IRNN, an LSTM and a GRU: how a gradient grows or
    shrinks on its way back through time, as initialised, with larger
    recurrent weights, and with gates held open; how open the gates are; and
    the loss in a short training, with the gradient clipped and not.

    Args:
        units: The size of every cell.
        lags: The longest lag, and the length of the sequences.
        steps: How many steps the short training has.
        seed: Seed of weights and data.
        output: The picture, a .png.
    """
    check(output)
    terminal.import_tensorflow()
    from seqapps.diagnostics import gradients

    with terminal.progress() as progress:
        text = gradients.draw(output, units, lags, steps, seed, progress.track)
    print(text)
    print(output)


@app.command
def recall(
    *,
    problem: Annotated[
        list[Literal["adding", "copying"]] | None, _Several
    ] = None,
    lags: Annotated[list[Count] | None, _Several] = None,
    steps: Count = 2000,
    units: Count = 64,
    seed: Seed = 0,
    output: Path = Path("out/recall.png"),
) -> None:
    """Train at growing lags, and draw which cells still learn (6 minutes).

    A tanh RNN, an IRNN, an LSTM, an LSTM whose forget gates are initialised
    for the lag (chrono), and a GRU learn the adding problem (predict the sum
    of two marked numbers at the end) and the copy task (repeat ten symbols).
    The picture shows the final loss as a share of the loss without any memory:
    1 means nothing learned, 0 perfect. Training stops early below 0.05. The
    time is for one core, and grows with lags and steps. Another seed moves
    the lines.

    Args:
        problem: Which to learn, once or twice. Default: both.
        lags: Lengths to learn at, as in --lags 10 100. Default: 10 30 100 200
            for adding, 1 3 10 30 for copying.
        steps: How many batches of 32 sequences, at most. Above 100, whole
            hundreds are taken.
        units: The size of every cell.
        seed: Seed of weights and data.
        output: The picture, a .png.
    """
    if lags == []:
        raise InputError("--lags: no number is given")
    names = list(dict.fromkeys(problem or ["adding", "copying"]))
    if "adding" in names and lags and min(lags) < 2:
        raise InputError("--lags: the adding problem needs at least 2")
    check(output)
    terminal.import_tensorflow()
    from seqapps.diagnostics import recall

    with terminal.progress() as progress:
        text = recall.draw(output, names, lags, units, steps, seed, progress)
    print(text)
    print(output)


if __name__ == "__main__":
    main()

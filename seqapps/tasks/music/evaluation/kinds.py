"""Measures composed tunes beside real ones of the same metre and mode."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from seqapps.tasks.music.evaluation import endings, style
from seqapps.tasks.music.notation.tune import Tune


class Kind(NamedTuple):
    """A metre and a mode."""

    meter: str
    mode: str


class Comparison(NamedTuple):
    """How real and composed tunes of a kind end and are divided.

    Args:
        kind: the metre and mode.
        tunes: how many real ones there are.
        real: means of `endings.METRICS`.
        composed: the same of composed tunes.
    """

    kind: Kind
    tunes: int
    real: dict[str, float]
    composed: dict[str, float]


def compare(
    tunes: Iterable[Tune],
    compose: Callable[[Kind, int], Sequence[Tune]],
    count: int,
    least: int = 5,
) -> Iterator[Comparison]:
    """Compares each kind's real tunes with composed ones, commonest first.

    Args:
        tunes: real ones.
        compose: `(kind, count) ->` so many composed tunes of a kind, or more.
        count: how many tunes to compose in all, in proportion to the real.
        least: kinds with fewer real tunes are left out.
    """
    groups: dict[Kind, list[Tune]] = defaultdict(list)
    for tune in tunes:
        groups[Kind(tune.meter, tune.mode)].append(tune)
    kinds = [kind for kind in groups if len(groups[kind]) >= least]
    total = sum(len(groups[kind]) for kind in kinds)
    for kind in sorted(kinds, key=lambda kind: -len(groups[kind])):
        real = groups[kind]
        composed = compose(kind, math.ceil(count * len(real) / total))
        yield Comparison(
            kind,
            len(real),
            style.mean_metrics(real, endings.METRICS),
            style.mean_metrics(composed, endings.METRICS),
        )


def averages(rows: Sequence[Comparison]) -> dict[str, float]:
    """Returns the means over kinds, as often as the real tunes have them."""
    means = {}
    for name in endings.METRICS:
        for group in ("composed", "real"):
            pairs = [(getattr(row, group)[name], row.tunes) for row in rows]
            known = [pair for pair in pairs if not math.isnan(pair[0])]
            weight = sum(tunes for _, tunes in known)
            total = math.fsum(value * tunes for value, tunes in known)
            means[f"{name}, {group}"] = total / weight if weight else math.nan
    return means


def print_table(rows: Sequence[Comparison]) -> None:
    """Prints a table: composed and, after the stroke, real."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title="composed / held out, by metre and mode")
    for name in ("kind", "tunes", *endings.METRICS):
        table.add_column(name, justify="left" if name == "kind" else "right")
    for row in rows:
        values = [
            f"{row.composed[name]:.2f} / {row.real[name]:.2f}"
            for name in endings.METRICS
        ]
        table.add_row(" ".join(row.kind), str(row.tunes), *values)
    Console().print(table)

"""Evaluates a network on held-out chorales, and what it writes beside them."""

from collections.abc import Sequence
from typing import Any, Literal

from seqapps.console import terminal
from seqapps.console.arguments import Probability, Seed, Size, checked
from seqapps.task import Data
from seqapps.tasks.chorale.evaluation import voice_leading
from seqapps.tasks.chorale.notation.chorale import VOICES, Chorale
from seqapps.tasks.chorale.options import HarmoniseOptions


@checked
def score(
    harmoniser: Any,
    data: Data,
    *,
    split: Literal["validation", "test"] = "test",
    chorales: Size = 100,
    rewrites: Size = HarmoniseOptions.rewrites,
    top_p: Probability = HarmoniseOptions.top_p,
    seed: Seed = 0,
) -> dict[str, float]:
    """Measure a network on held-out chorales and on what it writes.

    The negative log-likelihood is that of alto, tenor and bass given the
    soprano, exact, without the mask. Voice leading is counted in chorales as
    they are, in harmonisations of their sopranos, and in chorales from
    nothing; all are means a chorale.

    Args:
        harmoniser: a `Harmoniser`, or a loaded saved model.
        data: what `load_data` returned.
        split: which chorales: choose by "validation", report "test".
        chorales: how many to harmonise, and to compose.
        rewrites: as `harmonise` does; so for the next one.
        top_p: share of the probability that notes are chosen from.
        seed: of what is written.

    Returns:
        Nats a quaver and a voice, parallel fifths and octaves, doubled leading
        notes, large leaps, and the share of chorales without a fault.
    """
    originals = data.examples[split]
    sampling = {"rewrites": rewrites, "top_p": top_p}
    numbers = _likelihood(harmoniser, originals)
    numbers |= _measures("bach", originals)
    if chorales:
        with terminal.progress() as progress:
            bar = progress.add_task("writing", total=2 * chorales)
            harmonised, composed = [], []
            for i in range(chorales):
                original = originals[i % len(originals)]
                harmonised.append(
                    _harmonised(harmoniser, original, seed + i, sampling)
                )
                progress.advance(bar)
            while len(composed) < chorales:
                count = min(10, chorales - len(composed))
                written = harmoniser.compose(
                    count=count, seed=seed + len(composed), **sampling
                )
                composed += _chorales(written)
                progress.advance(bar, count)
        numbers |= _measures("harmonised", harmonised)
        numbers |= _measures("composed", composed)
    return numbers


def _likelihood(
    harmoniser: Any, chorales: Sequence[Chorale]
) -> dict[str, float]:
    """Nats a quaver of each lower voice, and of all."""
    nats = dict.fromkeys(VOICES[1:], 0.0)
    for chorale in chorales:
        scored = harmoniser.score(
            *chorale.voices,
            chorale.meter,
            chorale.pickup,
            chorale.sharps,
            chorale.mode,
        )
        for voice, value in zip(nats, scored["nats"][1:], strict=True):
            nats[voice] += value
    quavers = sum(chorale.steps for chorale in chorales) / 2
    numbers = {f"nats_{voice}": n / quavers for voice, n in nats.items()}
    return {"nats": sum(numbers.values()), **numbers}


def _harmonised(
    harmoniser: Any, original: Chorale, seed: int, sampling: dict[str, Any]
) -> Chorale:
    written = harmoniser.harmonise(
        original.voices[0],
        meter=original.meter,
        pickup=original.pickup,
        sharps=original.sharps,
        mode=original.mode,
        seed=seed,
        **sampling,
    )
    voices = tuple(written[voice][0] for voice in VOICES)
    return Chorale(
        voices,
        original.meter,
        original.pickup,
        original.sharps,
        original.mode,
    )


def _chorales(written: dict[str, list[Any]]) -> list[Chorale]:
    voices = zip(*(written[voice] for voice in VOICES), strict=True)
    return [
        Chorale(texts, meter, pickup, 0, mode)
        for texts, meter, pickup, mode in zip(
            voices,
            written["meter"],
            written["pickup"],
            written["mode"],
            strict=True,
        )
    ]


def _measures(name: str, chorales: Sequence[Chorale]) -> dict[str, float]:
    count = len(chorales)
    parallels = [voice_leading.parallels(each) for each in chorales]
    right = sum(not voice_leading.problems(each) for each in chorales)
    return {
        f"{name}_right": right / count,
        f"{name}_fifths": sum(p["fifths"] for p in parallels) / count,
        f"{name}_octaves": sum(p["octaves"] for p in parallels) / count,
        f"{name}_leading": sum(
            map(voice_leading.doubled_leading_notes, chorales)
        )
        / count,
        f"{name}_leaps": sum(map(voice_leading.large_leaps, chorales)) / count,
    }

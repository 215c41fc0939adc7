"""How composed tunes end and are divided, and whether requests are kept.

    python benchmarks/endings.py tunes [--from PATH] [--tunes 200]
    python benchmarks/endings.py requests [--from PATH] [--tunes 500]

`tunes` composes so many tunes a row with the command's defaults, and measures
them beside all tunes of the collections in that metre and mode; `--figure`
draws how many bars and sections both have. `requests` asks for everything that
`generate` takes, alone and in pairs, for so many tunes in all, then rewrites
passages, and holds each tune to the judge of the tests.
"""

import argparse
import itertools
import os
import sys
from collections import Counter
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

ROWS = [
    ("G", "major", "6/8"),
    ("D", "major", "4/4"),
    ("D", "major", "2/2"),
    ("A", "minor", "3/4"),
    ("G", "major", "3/4"),
    ("G", "major", "9/8"),
]
BATCH = 50


def load(path: str | None):
    """A saved model, or a run; what ships without a path."""
    from seqapps import export
    from seqapps.tasks import music
    from seqapps.training import load_predictor

    return load_predictor(
        Path(path or export.shipped_model("music")),
        "music",
        music.build_model,
        music.Composer,
    )


def compose(composer, count: int, seed: int = 0, **request) -> list[str]:
    """Composes in batches."""
    texts = []
    for first in range(0, count, BATCH):
        texts += composer.generate(
            count=min(BATCH, count - first), seed=seed + first, **request
        )
    return texts


def real_tunes() -> list:
    """All tunes of the collections."""
    from seqapps.tasks.music import collection
    from seqapps.tasks.music.notation import abc

    builder = collection.prepare()
    return [
        abc.parse_canonical(row["abc"].decode())
        for split in ("train", "validation", "test")
        for row in builder.as_dataset(split=split).as_numpy_iterator()
    ]


def measure_tunes(given) -> None:
    """Prints a row of each kind: composed / real."""
    import tunes as judge

    from seqapps.tasks.music.evaluation import endings, style
    from seqapps.tasks.music.notation import abc

    composer, real = load(given.from_), real_tunes()
    candidates = (
        {"candidates": given.candidates} if given.candidates > 1 else {}
    )
    names = [*endings.METRICS]
    print(f"| kind | real tunes | right | {' | '.join(names)} |")
    print("|---" * (3 + len(names)) + "|", flush=True)
    pairs = []
    for key, mode, meter in ROWS:
        texts = compose(
            composer,
            given.tunes,
            key=key,
            mode=mode,
            meter=meter,
            **candidates,
        )
        composed = [abc.parse_canonical(text) for text in texts]
        same = [t for t in real if (t.meter, t.mode) == (meter, mode)]
        right = sum(judge.faults(text) == [] for text in texts) / len(texts)
        ours = style.mean_metrics(composed, endings.METRICS)
        theirs = style.mean_metrics(same, endings.METRICS)
        values = (f"{ours[name]:.2f} / {theirs[name]:.2f}" for name in names)
        print(
            f"| {key} {mode} {meter} | {len(same)} | {right:.0%} | "
            f"{' | '.join(values)} |",
            flush=True,
        )
        pairs.append((f"{key} {mode} {meter}", composed, same))
    if given.figure:
        draw(pairs, given.figure)


def draw(pairs, path: str) -> None:
    """Draws the shares of tunes with so many sections, and so many bars."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot as plt

    from seqapps.tasks.music.evaluation import endings

    figure, axes = plt.subplots(
        len(pairs), 2, figsize=(9, 2 * len(pairs)), layout="constrained"
    )
    metrics = endings.number_of_sections, endings.number_of_bars
    for row, (name, composed, real) in zip(axes, pairs, strict=True):
        for axis, metric, word in zip(
            row, metrics, ("sections", "bars"), strict=True
        ):
            for tunes, side, color in (
                (real, -0.2, "0.6"),
                (composed, 0.2, "tab:blue"),
            ):
                counts = Counter(map(metric, tunes))
                places = sorted(counts)
                axis.bar(
                    [place + side for place in places],
                    [counts[place] / len(tunes) for place in places],
                    0.4,
                    color=color,
                    label="composed" if side > 0 else "real",
                )
            axis.set_xlabel(word)
            axis.set_ylabel("share")
            axis.set_title(name, loc="left", fontsize=9)
    axes[0][0].legend()
    figure.savefig(path, dpi=100)


PRIMER = "X:1\nT:x\nM:6/8\nL:1/8\nK:D\nA | d2 d f e d | B A B d"
REQUESTS = {
    "key": {"key": "Eb"},
    "mode": {"mode": "minor"},
    "meter": {"meter": "6/8"},
    "rhythm": {"rhythm": "jig"},
    "bars": {"bars": 16},
    "odd bars": {"bars": 13},
    "form": {"form": "AABA"},
    "repeats": {"form": "AABB"},
    "range": {"lowest": 62, "highest": 83},
    "primer": {"primer": PRIMER},
    "candidates": {"candidates": 2},
    "temperature": {"temperature": 1.5, "top_p": 1.0},
}
APART = ({"form", "repeats"}, {"bars", "odd bars"}, {"form", "odd bars"})
APART += ({"repeats", "odd bars"}, {"primer", "key"}, {"primer", "mode"})


def broken(text: str, request: dict) -> list[str]:
    """What a composed tune does not keep of a request."""
    import tunes as judge

    from seqapps.tasks.music.notation import abc
    from seqapps.tasks.music.notation.melody import melody

    form, bars = request.get("form"), request.get("bars")
    if form and not bars:
        bars = 8 * len([*itertools.groupby(form)])
    wrong = judge.faults(text, bars, form)
    tune = abc.parse_canonical(text)
    for name in ("key", "mode", "meter", "rhythm"):
        if getattr(tune, name) != request.get(name, getattr(tune, name)):
            wrong.append(f"{name} is {getattr(tune, name)}")
    if "primer" in request:
        _, _, begun = PRIMER.rpartition("\n")
        if not tune.body.startswith(begun):
            wrong.append("it does not go on from the primer")
    low, high = request.get("lowest", 0), request.get("highest", 127)
    pitches = [pitch for pitch, _ in melody(tune) if pitch is not None]
    if not all(low <= pitch <= high for pitch in pitches):
        wrong.append("it leaves the range")
    return wrong


def keep_requests(given) -> None:
    """Prints how many tunes keep each request, alone and in pairs."""
    composer = load(given.from_)
    names = [(name,) for name in REQUESTS]
    names += [
        pair
        for pair in itertools.combinations(REQUESTS, 2)
        if set(pair) not in APART
    ]
    count = -(-given.tunes // len(names))
    kept = asked = 0
    for words in names:
        request: dict = {}
        for word in words:
            request |= REQUESTS[word]
        texts = composer.generate(**request, count=count, seed=3)
        wrong = [fault for t in texts for fault in broken(t, request)]
        asked += len(texts)
        kept += sum(not broken(text, request) for text in texts)
        if wrong:
            print(" + ".join(words), wrong, flush=True)
    print(f"{kept} of {asked} tunes keep {len(names)} requests")
    rewrite_passages(composer, given.tunes)


def rewrite_passages(composer, count: int) -> None:
    """Rewrites passages of real tunes; prints what changed outside them."""
    import random

    import tunes as judge

    from seqapps.tasks.music.notation import bars, sections

    draw = random.Random(0)
    real = [
        tune
        for tune in real_tunes()
        if not judge.faults(tune.abc())
        and tune.mode in ("major", "minor", "dorian", "mixolydian")
    ]
    done = wrong = changed = refused = 0
    for tune in draw.sample(real, count):
        total = sum(
            s.bars for s in sections.split_sections(tune.meter, tune.body)
        )
        first = draw.randint(1, total - 1)
        last = min(first + draw.randint(0, 3), total)
        try:
            written = composer.rewrite(tune.abc(), first, last, seed=done)
        except Exception as error:
            refused += 1
            print(error)
            continue
        text, new = written["abc"][0], written["changed"][0]
        before = bars.split_measures(tune.body)
        after = bars.split_measures(
            text.partition("\nK:")[2].partition("\n")[2]
        )
        same = len(before) == len(after) and all(
            is_new or old == made
            for is_new, old, made in zip(new, before, after, strict=True)
        )
        done += 1
        wrong += judge.faults(text) != []
        changed += not same
    print(
        f"{done} passages rewritten ({refused} refused): {wrong} tunes with a "
        f"wrong bar, {changed} changed outside the passage"
    )


def main() -> None:
    """Runs one of the two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["tunes", "requests"])
    parser.add_argument("--from", dest="from_")
    parser.add_argument("--tunes", type=int)
    parser.add_argument("--candidates", type=int, default=1)
    parser.add_argument("--figure")
    given = parser.parse_args()
    given.tunes = given.tunes or {"tunes": 200, "requests": 500}[given.what]
    (measure_tunes if given.what == "tunes" else keep_requests)(given)


if __name__ == "__main__":
    main()

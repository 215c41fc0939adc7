"""`generate`: composes tunes and writes the files to hear and to see."""

from pathlib import Path
from typing import NamedTuple

from seqapps.errors import InputError


class _Written(NamedTuple):
    """What a network wrote, and how it came to it."""

    tunes: list
    changed: list[frozenset[int]]
    how: str
    theme: object = None


def generate(
    composer,
    *,
    key: str = "",
    mode: str = "",
    meter: str = "",
    bars: int | None = None,
    form: str = "",
    primer: Path | None = None,
    vary: Path | None = None,
    strength: float = 0.3,
    count: int = 4,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 0.95,
    seed: int = 0,
    unconstrained: bool = False,
    output: Path = Path("out"),
) -> list[Path]:
    """Compose folk tunes: ABC, MIDI, sound, a score, a piano roll, one page.

    Every tune keeps its metre, key and length; out/index.html shows and plays
    them all. With --primer they go on from a tune of yours, with --vary they
    vary one.

    Args:
        composer: a `Composer`, or a loaded saved model.
        key: The tonic: G, F#, Bb. Empty: as often as in the collection.
        mode: major, minor, dorian or mixolydian. Empty: any.
        meter: Such as 6/8 (a jig), 2/2 (a reel), 9/8 (a slip jig). Empty: any.
        bars: How many bars as written: the pick-up is not counted, first and
            second endings each are. Left out: as in the collection.
        form: Sections, such as AABB: a letter twice is a repeat, a letter that
            comes back is that section again. Empty: any.
        primer: A file to go on from: .abc, .mid or .musicxml.
        vary: A file to vary: .abc, .mid or .musicxml.
        strength: Share of the bars that --vary writes anew.
        count: How many tunes.
        temperature: Below 1 plainer tunes, above 1 more surprise.
        top_k: Choose each token among this many likeliest; 0: among all.
        top_p: Choose among the likeliest that together have this probability.
        seed: The same seed gives the same tunes.
        unconstrained: Show what the network writes without the mask that
            keeps bars, repeats and length right.
        output: The folder for index.html, tune-1.abc, .mid, .wav, ...

    Returns:
        The paths that were written.
    """
    if count < 1:
        raise InputError(f"--count must be 1 or more, not {count}")
    if bars is not None and bars < 1:
        raise InputError(
            f"--bars must be 1 or more, not {bars}: leave it out for any"
        )
    sampling = {
        "count": count,
        "temperature": temperature,
        "top_k": top_k,
        "top_p": top_p,
        "seed": seed,
    }
    if vary:
        asked = (key, mode, meter, bars, form, primer, unconstrained)
        if any(asked):
            raise InputError(
                "--vary keeps key, metre, bars and form of its tune: of the "
                "flags that shape a tune it takes --strength alone"
            )
        written = _vary(composer, vary, strength, sampling)
    else:
        request = {
            "key": key,
            "mode": mode,
            "meter": meter,
            "bars": bars or 0,
            "form": form,
            "constrained": not unconstrained,
        }
        written = _compose(composer, request, primer, sampling)
    _writable(output)
    return _write(composer, written, output, seed)


def _compose(composer, request: dict, primer, sampling: dict) -> _Written:
    """New tunes, or tunes that go on from a primer."""
    from dataclasses import replace

    from seqapps.tasks.music import abc, reader

    begun, how = None, "composed"
    if primer:
        begun, lost = reader.primer(primer)
        _say(primer, lost)
        request = {**request, "primer": begun.abc()}
        how = f"goes on from {primer.name}"
    if not request["constrained"]:
        how += ", unconstrained"
    texts = composer.generate(**request, **sampling)
    tunes = [
        replace(abc.read(text), title=_title(begun, number))
        for number, text in enumerate(texts, 1)
    ]
    return _Written(tunes, [frozenset()] * len(tunes), how)


def _vary(composer, path: Path, strength: float, sampling: dict) -> _Written:
    """Variations of a tune."""
    from dataclasses import replace

    from seqapps.tasks.music import abc, reader

    theme, lost = reader.whole(path)
    _say(path, lost)
    if not hasattr(composer, "vary"):
        raise InputError("a network of characters cannot vary a tune")
    found = composer.vary(theme.abc(), strength, **sampling)
    tunes = [
        replace(abc.read(text), title=f"{theme.title or 'Tune'}, variation {n}")
        for n, text in enumerate(found["abc"], 1)
    ]
    changed = [
        frozenset(i for i, new in enumerate(row) if new)
        for row in found["changed"]
    ]
    how = f"varies {path.name}, strength {strength:g}"
    return _Written(tunes, changed, how, theme)


def _title(begun, number: int) -> str:
    if begun is None or not begun.title:
        return f"Tune {number}"
    return f"{begun.title}, continued {number}"


def _say(path: Path, lost: list[str]) -> None:
    import sys

    if lost:
        print(f"{path}: {'; '.join(lost)}", file=sys.stderr)


def _write(composer, written: _Written, output: Path, seed: int) -> list[Path]:
    """Writes the files of every tune, and the page of all."""
    from seqapps import terminal
    from seqapps.tasks.music import abc, bars, page, render

    scored = composer.score([tune.abc() for tune in written.tunes])["surprise"]
    paths, entries, wrong = [], [], 0
    with terminal.progress() as progress:
        writing = progress.add_task("writing", total=len(written.tunes) + 1)
        for number, (tune, changed, nats) in enumerate(
            zip(written.tunes, written.changed, scored, strict=True), 1
        ):
            stem = output / f"tune-{number}"
            problems = abc.problems(tune.meter, tune.body)
            formats = ("abc",) if problems else _FORMATS
            paths += render.render(tune, stem, formats)
            print(render.text(tune, number))
            progress.advance(writing)
            if problems:
                wrong += 1
                print(f"tune {number} is not right: {'; '.join(problems)}")
                continue
            length = bars.written(tune.meter, tune.body)
            caption = (
                f"{tune.key} {tune.mode}, {tune.meter}, {length} bars, "
                f"seed {seed}, {written.how}"
            )
            surprise = nats[: len(tune.body.split())]
            entries.append(
                page.Entry(
                    tune, caption, stem.name, surprise, written.theme, changed
                )
            )
        if entries:
            paths.append(output / "index.html")
            page.write(paths[-1], written.how.capitalize(), entries)
    count = len(written.tunes)
    print(
        f"{count} {'tune' if count == 1 else 'tunes'} in {output}/: "
        f".abc .mid .wav .svg .png; look and listen: {output}/index.html"
        if entries
        else f"{count} tunes in {output}/, .abc only: none is right"
    )
    if wrong and entries:
        print(f"{wrong} of {count} are not right, and have their .abc only")
    return paths


_FORMATS = ("abc", "mid", "wav", "svg", "png")


def _writable(folder: Path) -> None:
    """Makes the folder, and finds out whether files can be written there."""
    import tempfile

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(
            f"cannot write to {folder} ({error.strerror}): name another folder "
            "with --output"
        ) from None

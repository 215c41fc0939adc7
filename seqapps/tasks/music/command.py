"""`generate`: composes tunes and writes the files to hear and to see."""

from pathlib import Path
from typing import Annotated

from seqapps.console.arguments import (
    Count,
    Positive,
    Probability,
    Seed,
    Size,
    checked,
)
from seqapps.console.paths import Writes
from seqapps.errors import InputError
from seqapps.tasks.music import options
from seqapps.tasks.music.notation import bars as notation
from seqapps.tasks.music.notation.tune import Tune
from seqapps.tasks.music.rendering import folder
from seqapps.tasks.music.rendering import sound as sounds
from seqapps.tasks.music.rendering.folder import Plan


@checked
def generate(
    composer,
    *,
    key: str = "",
    mode: str = "",
    meter: str = "",
    bars: int | None = None,
    form: str = "",
    primer: Path | None = None,
    start: str = "",
    vary: Path | None = None,
    track: str = "",
    strength: Probability = 0.3,
    tempo: str = "",
    instrument: str = "",
    transpose: int = 0,
    count: Count = 4,
    temperature: Positive = 1.0,
    top_k: Size = 0,
    top_p: Probability = 0.95,
    seed: Seed = 0,
    unconstrained: bool = False,
    output: Annotated[Path, Writes(inside=("index.html", "tune-*"))] = Path(
        "out"
    ),
) -> list[Path]:
    """Compose folk tunes: ABC, MIDI, sound, a score, a piano roll, one page.

    Every tune keeps its metre, key and length; out/index.html shows and plays
    them all. With --primer they go on from a tune of yours, with --vary they
    vary one.

    Args:
        composer: a `Composer`, or a loaded saved model.
        key: The tonic: G, F#, Bb; or with its mode: Am, Ador. Empty: as often
            as in the collection.
        mode: major, minor, dorian or mixolydian. Empty: any.
        meter: Such as 6/8 (a jig), 2/2 or C| (a reel), 9/8 (a slip jig).
            Empty: any.
        bars: How many bars as written, those of --primer and --start included:
            the pick-up is not counted, first and second endings each are. Left
            out: as in the collection.
        form: Sections, such as AABB: a letter twice is a repeat, a letter that
            comes back is that section again. Empty: any.
        primer: A file to go on from: .abc, .mid or .musicxml.
        start: Notes to go on from, in ABC: "GAB c2d". Their key and metre are
            --key and --meter.
        vary: A file to vary: .abc, .mid or .musicxml.
        track: Number or name of the track of a .mid, or the part of a
            .musicxml, that is the melody of --primer or --vary. Empty: the
            one that looks most like it.
        strength: Share of the bars that --vary writes anew.
        tempo: Beats a minute, such as 120, or what ABC writes: 1/4=120. Empty:
            what suits the metre.
        instrument: A name of General MIDI: Flute, Accordion. Empty: a fiddle.
        transpose: Semitones by which the tunes are moved once they are
            composed; below 0 downwards.
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
    header = options.header(key, mode, meter)
    length = options.bars(bars)
    sound = sounds.parse_sound(tempo, instrument, transpose)
    if track and not (primer or vary):
        raise InputError("--track goes with --primer or --vary")
    sampling = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
    if vary:
        if any((*header, length, form, primer, start, unconstrained)):
            raise InputError(
                "--vary keeps key, metre, bars and form of its tune: of the "
                "flags that shape a tune it takes --strength alone"
            )
        plan = _varied(composer, vary, track, strength, sampling)
    else:
        request = {
            **header._asdict(),
            "bars": length,
            "form": options.form(form),
            "constrained": not unconstrained,
        }
        begun, about = _begun(primer, track, start, header)
        plan = _composed(composer, request | sampling, begun, about)
    plan = plan._replace(sound=sound)
    return folder.compose_into(output, composer, plan, count, seed)


def _begun(
    primer: Path | None, track: str, start: str, header: options.Header
) -> tuple[Tune | None, str]:
    """The beginning that tunes go on from, and what the page says of it."""
    from seqapps.tasks.music.importers import reader
    from seqapps.tasks.music.importers import start as starts

    if primer and start:
        raise InputError("give --primer or --start, not both")
    if primer:
        begun, lost = reader.load_primer(primer, track)
        _say(primer, lost)
        return begun, f"goes on from {primer.name}"
    if start:
        begun, notes = starts.parse_start(start, *header)
        _say("--start", notes)
        return begun, "goes on from notes of yours"
    return None, "composed"


def _composed(composer, request: dict, begun: Tune | None, about: str) -> Plan:
    """New tunes, or tunes that go on from a beginning."""
    from seqapps.tasks.music.notation import abc

    title, tempo = "Tune", ""
    if begun:
        tempo = begun.tempo
        request = {**request, "primer": begun.abc()}
        if begun.title:
            title = f"{begun.title}, continued"
    if not request["constrained"]:
        about += ", unconstrained"

    def compose(count: int, seed: int):
        texts = composer.generate(**request, count=count, seed=seed)
        tunes = [abc.parse_canonical(text, tempo) for text in texts]
        if begun and all(_notes(tune) <= _notes(begun) for tune in tunes):
            why = "the beginning has all the bars already: give more --bars"
            _say("nothing was added", [why])
        yield from ((tune, frozenset()) for tune in tunes)

    return Plan(compose, about, title)


def _notes(tune: Tune) -> int:
    return sum(
        notation.parse_note(token) is not None for token in tune.body.split()
    )


def _varied(
    composer, path: Path, track: str, strength: float, sampling: dict
) -> Plan:
    """Variations of a tune."""
    from seqapps.tasks.music.importers import reader
    from seqapps.tasks.music.notation import abc

    theme, lost = reader.load_tune(path, track)
    _say(path, lost)
    if not hasattr(composer, "vary"):
        raise InputError("a network of characters cannot vary a tune")

    def compose(count: int, seed: int):
        written = composer.vary(
            theme.abc(), strength, **sampling, count=count, seed=seed
        )
        for text, row in zip(written["abc"], written["changed"], strict=True):
            changed = frozenset(i for i, new in enumerate(row) if new)
            yield abc.parse_canonical(text, theme.tempo), changed

    about = f"varies {path.name}, strength {strength:g}"
    return Plan(compose, about, f"{theme.title or 'Tune'}, variation", theme)


def _say(path: Path | str, lost: list[str]) -> None:
    import sys

    if lost:
        print(f"{path}: {'; '.join(lost)}", file=sys.stderr)

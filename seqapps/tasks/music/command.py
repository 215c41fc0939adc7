"""`generate`: composes tunes and writes the files to hear and to see."""

from pathlib import Path
from typing import Annotated

from seqapps.console.arguments import Range, checked
from seqapps.console.paths import Writes
from seqapps.errors import InputError
from seqapps.tasks.music.notation import bars as notation
from seqapps.tasks.music.notation.tune import Tune
from seqapps.tasks.music.options import (
    GenerateCommandOptions,
    Header,
    parse_header,
    parse_rhythm_name,
)
from seqapps.tasks.music.ranges import (
    NoteRange,
    Passage,
    parse_passage,
    parse_range,
)
from seqapps.tasks.music.rendering import folder
from seqapps.tasks.music.rendering import sound as sounds
from seqapps.tasks.music.rendering.folder import Plan

Swing = Annotated[float, Range(0.5, 0.75)]


@checked
def generate(
    composer,
    *,
    options: GenerateCommandOptions = GenerateCommandOptions(),  # noqa: B008
    primer: Path | None = None,
    start: str = "",
    vary: Path | None = None,
    rewrite: str = "",
    range: str = "",
    track: str = "",
    tempo: str = "",
    instrument: str = "",
    transpose: int = 0,
    swing: Swing | None = None,
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
        options: What is composed, and how tokens are chosen.
        primer: A file to go on from: .abc, .mid or .musicxml.
        start: Notes to go on from, in ABC: "GAB c2d". Their key and metre are
            --key and --meter.
        vary: A file to vary: .abc, .mid or .musicxml.
        rewrite: Bars of --vary to write anew, such as 5-8, so that they lead
            from what is before to what follows; nothing else changes.
        range: Lowest and highest note that may come: D4-B5 is a whistle's.
            C4 is middle C. Those of --primer and --start stay.
        track: Number or name of the track of a .mid, or the part of a
            .musicxml, that is the melody of --primer or --vary. Empty: the
            one that looks most like it.
        tempo: Beats a minute, such as 120, or what ABC writes: 1/4=120. Empty:
            what suits the metre.
        instrument: A name of General MIDI: Flute, Accordion. Empty: a fiddle.
        transpose: Semitones by which the tunes are moved once they are
            composed; below 0 downwards.
        swing: Share of two even quavers that the first has when they are
            played, 0.5 to 0.75. Left out: 0.67 in hornpipes, 0.5 in others.
        unconstrained: Show what the network writes without the mask that
            keeps bars, repeats and length right.
        output: The folder for index.html, tune-1.abc, .mid, .wav, ...

    Returns:
        The paths that were written.
    """
    header = parse_header(options.key, options.mode, options.meter)
    rhythm = parse_rhythm_name(options.rhythm)
    notes = parse_range(range)
    sound = sounds.parse_sound(tempo, instrument, transpose, swing)
    passage = parse_passage(rewrite)
    if passage and not vary:
        raise InputError("--rewrite goes with --vary, which names the tune")
    if track and not (primer or vary):
        raise InputError("--track goes with --primer or --vary")
    sampling = {
        "temperature": options.temperature,
        "top_k": options.top_k,
        "top_p": options.top_p,
    }
    if vary:
        shaped = *header, options.bars, options.form, primer, start, rhythm
        if any(shaped) or unconstrained or range:
            raise InputError(
                "--vary keeps key, metre, bars and form of its tune: of the "
                "flags that shape a tune it takes --strength or --rewrite alone"
            )
        how = passage or options.strength
        plan = _varied(composer, vary, track, how, sampling)
    else:
        request = {
            **header._asdict(),
            "bars": options.bars or 0,
            "form": options.form,
            "constrained": not unconstrained,
        }
        if unconstrained and range:
            raise InputError("--range is kept by the mask: not --unconstrained")
        request |= _further(
            composer,
            rhythm,
            notes.transposed(-transpose),
            options.candidates,
        )
        begun, about = _begun(primer, track, start, header)
        plan = _composed(composer, request | sampling, begun, about)
    plan = plan._replace(sound=sound)
    return folder.compose_into(
        output, composer, plan, options.count, options.seed
    )


def _further(composer, rhythm: str, notes: NoteRange, candidates: int) -> dict:
    """What is requested of `generate` that older models do not take."""
    asked = {
        "rhythm": rhythm,
        "range": notes if notes != NoteRange() else None,
        "candidates": candidates if candidates > 1 else None,
    }
    flags = [f"--{name}" for name, value in asked.items() if value]
    if flags and not hasattr(composer, "rewrite"):
        raise InputError(
            f"the model is of an earlier version, which has no {flags[0]}"
        )
    request = {"rhythm": rhythm, **notes._asdict(), "candidates": candidates}
    return request if flags else {}


def _begun(
    primer: Path | None, track: str, start: str, header: Header
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
    composer, path: Path, track: str, how: Passage | float, sampling: dict
) -> Plan:
    """Variations of a tune: of a passage, or of a share of its bars."""
    from seqapps.tasks.music.importers import reader
    from seqapps.tasks.music.notation import abc

    theme, lost = reader.load_tune(path, track)
    _say(path, lost)
    if isinstance(how, Passage):
        about = f"re-writes bars {how.first} to {how.last} of {path.name}"
        method, values = "rewrite", (how.first, how.last)
    else:
        about = f"varies {path.name}, strength {how:g}"
        method, values = "vary", (how,)
    if not hasattr(composer, method):
        raise InputError(f"the model has no method {method}")
    write = getattr(composer, method)

    def compose(count: int, seed: int):
        written = write(
            theme.abc(), *values, **sampling, count=count, seed=seed
        )
        for text, row in zip(written["abc"], written["changed"], strict=True):
            changed = frozenset(i for i, new in enumerate(row) if new)
            yield abc.parse_canonical(text, theme.tempo), changed

    return Plan(compose, about, f"{theme.title or 'Tune'}, variation", theme)


def _say(path: Path | str, lost: list[str]) -> None:
    import sys

    if lost:
        print(f"{path}: {'; '.join(lost)}", file=sys.stderr)

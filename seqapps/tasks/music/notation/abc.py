"""ABC notation: brings wild ABC, as people write it, to canonical ABC."""

from dataclasses import replace
from fractions import Fraction

from seqapps.errors import InputError
from seqapps.tasks.music.notation import (
    accidentals,
    bars,
    losses,
    tonality,
    tune_lines,
)
from seqapps.tasks.music.notation.bars import durations
from seqapps.tasks.music.notation.fields import Fields
from seqapps.tasks.music.notation.losses import Losses
from seqapps.tasks.music.notation.melody import melody
from seqapps.tasks.music.notation.parsed import (
    Element,
    ParsedMeasure,
    ParsedNote,
    TupletOpener,
)
from seqapps.tasks.music.notation.pitch import HIGHEST, LOWEST, diatonic_step
from seqapps.tasks.music.notation.repair import repair, to_tokens
from seqapps.tasks.music.notation.scanner import Scanner
from seqapps.tasks.music.notation.transpose import transpose
from seqapps.tasks.music.notation.tune import Tune, parse_canonical
from seqapps.tasks.music.notation.tunebook import split_tunes
from seqapps.tasks.music.notation.unusable import Unusable
from seqapps.tasks.music.notation.validation import find_problems

__all__ = [
    "Tune",
    "Unusable",
    "durations",
    "find_problems",
    "fragment",
    "fragment_with_losses",
    "melody",
    "normalise",
    "normalise_with_losses",
    "parse_canonical",
    "split_tunes",
]

_OCTAVES = (0, 1, -1, 2, -2)  # tried for transposing instruments
# problems that a fragment may have, by their beginnings
_MAY_BE_OPEN = "there are fewer", "the end is", "ending 1 is not followed"
_REASONS = (  # in a problem: the reason that is counted
    ("no note", "no notes"),
    ("tuplet", "unusual tuplet"),
    ("bar ", "bars that do not add up"),
    ("fewer than 4 bars", "too short"),
    ("ending", "unbalanced repeats"),
    ("", "unbalanced repeats"),
)


def normalise(tune: str, strict: bool = False) -> Tune:
    r"""Brings one tune of wild ABC to canonical form.

    Grace notes, ornaments, chord symbols, slurs, lyrics and the like are
    dropped, chords reduced to their top note and voices to the first; broken
    rhythms, units, unusual tuplets and endings are written out.

    Args:
        tune: header and body.
        strict: whether to parse as the published collections were: refuse
            what canonical ABC has no sign for, let an accidental hold for its
            own octave alone, and drop the tempo.

    Raises:
        Unusable: it has no canonical form, or its bars do not add up.

    Example:
        >>> normalise("X:1\nM:C|\nK:Em\n|:G>A Bc d4|E8:||:g8|e8:|").body
        'G3/2 A/2 B c d4 | E8 :: g8 | e8 :|'
    """
    return normalise_with_losses(tune, strict)[0]


def normalise_with_losses(
    tune: str, strict: bool = False
) -> tuple[Tune, Losses]:
    """Brings one tune to canonical form, as `normalise` does.

    Args:
        tune: as for `normalise`.
        strict: as for `normalise`.

    Returns:
        The tune, and what was dropped.

    Raises:
        Unusable: as for `normalise`.
    """
    fields, music = tune_lines.split_header(tune, strict)
    measures = Scanner(fields).scan(music)
    canonical = _to_tune(fields, repair(fields, measures))
    _refuse(find_problems(canonical.meter, canonical.body))
    return canonical, fields.losses


def fragment(text: str) -> Tune:
    r"""Brings the beginning of a tune to canonical form, to be continued.

    It may be shorter than four bars and end within a bar, a repeat or an
    ending. What only closes is taken off: `|]`, `||`, and a bar line after a
    bar that is not full; so are a last tie, and a last tuplet that is not
    complete.

    Args:
        text: header and body.

    Raises:
        Unusable: as for `normalise`; for an unusual bar its note says which.

    Example:
        >>> fragment("M:6/8\nL:1/8\nK:G\nD|GAB c2d|e2-|]").body
        'D | G A B c2 d | e2'
    """
    return fragment_with_losses(text)[0]


def fragment_with_losses(text: str) -> tuple[Tune, Losses]:
    """Brings the beginning of a tune to canonical form, as `fragment` does.

    Args:
        text: header and body.

    Returns:
        The fragment, and what was dropped.

    Raises:
        Unusable: as for `fragment`.
    """
    fields, music = tune_lines.split_header(text)
    measures = Scanner(fields).scan(music)
    closed = False  # by a bar line that may stay
    if measures[-1].elements:
        _drop_open_tuplet(measures[-1].elements)
    elif len(measures) > 1:
        closed = not measures[-2].bar_line.double
    canonical = _to_tune(fields, repair(fields, measures, complete=False))
    tokens = canonical.body.split()
    last = bars.split_measures(canonical.body)[-1]
    if tokens[-1] == "|]":
        full = last.duration >= Fraction(canonical.meter)
        tokens[-1:] = ["|"] * (closed and (full or last.opener != "|"))
    canonical = replace(canonical, body=" ".join(tokens))
    problems = find_problems(canonical.meter, canonical.body)
    _refuse([p for p in problems if not p.startswith(_MAY_BE_OPEN)])
    return canonical, fields.losses


def _to_tune(fields: Fields, measures: list[ParsedMeasure]) -> Tune:
    """Returns the tune in its key, at concert pitch."""
    key = fields.key
    assert key is not None  # tune_lines.split_header has seen to it
    tonic, mode = (key.tonic, key.mode) if key.tonic else ("C", "major")
    accidentals.add_accidentals(fields, (tonic, mode), measures)
    body = " ".join(to_tokens(measures))
    tune = Tune(
        fields.title,
        tonic,
        mode,
        fields.meter,
        body,
        fields.tempo,
        rhythm=fields.rhythm,
    )
    if not key.tonic:
        fields.losses[losses.NO_KEY] = 0
        notes = [(p, n) for p, n in melody(tune) if p is not None]
        if notes and not key.signature:
            tonic, mode = tonality.estimate_key(notes, 0)
            tune = replace(tune, key=tonic, mode=mode)
    if key.semitones:
        tune = _to_concert_pitch(tune, key.semitones)
    return tune


def _to_concert_pitch(tune: Tune, semitones: int) -> Tune:
    """Transposes a tune, in the octave where it fits the range."""
    for octaves in _OCTAVES:
        try:
            moved = transpose(tune, semitones + 12 * octaves)
        except InputError:
            break
        notes = [bars.parse_note(token) for token in moved.body.split()]
        pitches = [n.pitch for n in notes if n is not None and n.pitch != "z"]
        if all(LOWEST <= diatonic_step(p) <= HIGHEST for p in pitches):
            return moved
    raise Unusable("out of range")


def _drop_open_tuplet(elements: list[Element]) -> None:
    """Drops the last tuplet if it is not complete."""
    for i, e in enumerate(elements):
        if isinstance(e, ParsedNote):
            continue
        size = e.r if isinstance(e, TupletOpener) else e
        if len(elements) - i <= size:
            del elements[i:]
            return


def _refuse(problems: list[str]) -> None:
    """Raises `Unusable` if there are problems; its note says where."""
    if problems:
        reason = next(
            reason
            for phrase, reason in _REASONS
            if any(phrase in problem for problem in problems)
        )
        error = Unusable(reason)
        error.add_note(problems[0])
        raise error

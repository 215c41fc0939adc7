"""ABC notation: wild ABC in, canonical ABC out, and the notes of a tune."""

from dataclasses import replace
from fractions import Fraction

from seqapps.errors import InputError
from seqapps.tasks.music.notation import (
    bars,
    signs,
    tonality,
    tune_lines,
)
from seqapps.tasks.music.notation.bars import durations, problems
from seqapps.tasks.music.notation.fields import NO_KEY, Fields
from seqapps.tasks.music.notation.header import Unusable
from seqapps.tasks.music.notation.measure import Measure, Note, Tuplet, height
from seqapps.tasks.music.notation.melody import melody
from seqapps.tasks.music.notation.mend import HIGHEST, LOWEST, mend, write
from seqapps.tasks.music.notation.scanner import Scanner
from seqapps.tasks.music.notation.transpose import transpose
from seqapps.tasks.music.notation.tune import Tune, read
from seqapps.tasks.music.notation.tunebook import split as split_tunes

__all__ = [
    "Tune",
    "Unusable",
    "durations",
    "fragment",
    "melody",
    "normalise",
    "problems",
    "read",
    "split_tunes",
]


def normalise(tune: str, plain: bool = False) -> Tune:
    r"""Bring one tune of wild ABC to canonical form.

    Grace notes, ornaments, chord symbols, slurs, lyrics and the like are left
    aside, of a chord the top note is kept, of voices the first; broken
    rhythms, units, unusual tuplets and endings are written out.

    Args:
        tune: header and body.
        plain: whether to read as the published collections were read: what
            canonical form has no sign for is refused, an accidental holds
            for its own octave alone, and no tempo is kept.

    Raises:
        Unusable: if it has no canonical form, or its bars do not add up.

    Example:
        >>> normalise("X:1\nM:C|\nK:Em\n|:G>A Bc d4|E8:||:g8|e8:|").body
        '|: G3/2 A/2 B c d4 | E8 :: g8 | e8 :|'
    """
    return whole(tune, plain)[0]


def whole(tune: str, plain: bool = False) -> tuple[Tune, dict[str, int]]:
    """Bring one tune to canonical form, and say what was lost.

    Args:
        tune: as for `normalise`, which this is.
        plain: as for `normalise`.

    Returns:
        The tune, and what was lost, with a number where there is one.

    Raises:
        Unusable: as `normalise` does.
    """
    fields, music = tune_lines.read(tune, plain)
    measures = Scanner(fields).read(music)
    measures = mend(fields, measures)
    made = _tune(fields, measures)
    _check(problems(made.meter, made.body))
    return made, fields.lost


def fragment(text: str) -> Tune:
    r"""Bring the beginning of a tune to canonical form, so that it can go on.

    It may be shorter than four bars and end within a bar, a repeat or an
    ending. What only closes is taken off: `|]`, `||`, and a bar line after a
    bar that is not full; so are a last tie, and a last tuplet that is not
    whole.

    Args:
        text: header and body.

    Raises:
        Unusable: as `normalise` does; for an unusual bar its note says which.

    Example:
        >>> fragment("M:6/8\nL:1/8\nK:G\nD|GAB c2d|e2-|]").body
        'D | G A B c2 d | e2'
    """
    return begun(text)[0]


def begun(text: str) -> tuple[Tune, dict[str, int]]:
    """Bring the beginning of a tune to canonical form, as `fragment` does.

    Args:
        text: header and body.

    Returns:
        The fragment, and what was lost, with a number where there is one.

    Raises:
        Unusable: as `fragment` does.
    """
    fields, music = tune_lines.read(text)
    measures = Scanner(fields).read(music)
    closed = False  # by a bar line that may stay
    if measures[-1].notes:
        _drop_torn_tuplet(measures[-1].notes)
    elif len(measures) > 1:
        closed = not measures[-2].bar.double
    made = _tune(fields, mend(fields, measures, complete=False))
    tokens = made.body.split()
    last = bars.measures(made.body)[-1]
    if tokens[-1] == "|]":
        full = last.held >= Fraction(made.meter)
        tokens[-1:] = ["|"] * (closed and (full or last.opener != "|"))
    made = replace(made, body=" ".join(tokens))
    allowed = "there are fewer", "the end is", "ending 1 is not followed"
    wrong = problems(made.meter, made.body)
    _check([w for w in wrong if not w.startswith(allowed)])
    return made, fields.lost


def _tune(fields: Fields, measures: list[Measure]) -> Tune:
    """The tune as it sounds."""
    key = fields.key.tonic, fields.key.mode
    if not fields.key.tonic:
        key = "C", "major"
    signs.write(fields, key, measures)
    body = " ".join(write(measures))
    made = Tune(fields.title, *key, fields.meter, body, fields.tempo)
    if not fields.key.tonic:
        fields.lost[NO_KEY] = 0
        line = [(p, n) for p, n in melody(made) if p is not None]
        if line and not fields.key.signature:
            tonic, mode = tonality.analyse(line, 0)
            made = replace(made, key=tonic, mode=mode)
    if fields.key.semitones:
        made = _sounding(made, fields.key.semitones)
    return made


def _sounding(tune: Tune, semitones: int) -> Tune:
    """A tune for a transposing instrument, in the compass of canonical ABC."""
    for octaves in (0, 12, -12, 24, -24):
        try:
            made = transpose(tune, semitones + octaves)
        except InputError:
            break
        pitches = [n.pitch for t in made.body.split() if (n := bars.note(t))]
        heights = [height(p) for p in pitches if p != "z"]
        if all(LOWEST <= h <= HIGHEST for h in heights):
            return made
    raise Unusable("out of range")


def _drop_torn_tuplet(notes: list[Note | Tuplet | int]) -> None:
    for place, opener in enumerate(notes):
        if isinstance(opener, Note):
            continue
        p = opener.r if isinstance(opener, Tuplet) else opener
        if len(notes) - place <= p:
            del notes[place:]
            return


def _check(wrong: list[str]) -> None:
    """Raise `Unusable` for what is wrong; its note says where."""
    if wrong:
        error = Unusable(_reason(wrong))
        error.add_note(wrong[0])
        raise error


def _reason(wrong: list[str]) -> str:
    for phrase, reason in (
        ("no note", "no notes"),
        ("tuplet", "unusual tuplet"),
        ("bar ", "bars that do not add up"),
        ("fewer than 4 bars", "too short"),
        ("ending", "unbalanced repeats"),
    ):
        if any(phrase in w for w in wrong):
            return reason
    return "unbalanced repeats"

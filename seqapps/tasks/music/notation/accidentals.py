"""Accidentals: which hold in a bar, and which must be written."""

from collections.abc import Iterable

from seqapps.tasks.music.notation import bars
from seqapps.tasks.music.notation.fields import Fields
from seqapps.tasks.music.notation.key_signature import signature
from seqapps.tasks.music.notation.parsed import ParsedMeasure
from seqapps.tasks.music.notation.pitch import (
    ACCIDENTALS,
    ALTERATIONS,
    LETTERS,
)
from seqapps.tasks.music.notation.tune import Tune
from seqapps.tasks.music.notation.unusable import Unusable


class BarAccidentals:
    """Keeps track of the accidentals since the bar line.

    Args:
        altered: what the key alters, as `signature` returns it.
    """

    def __init__(self, altered: dict[str, int]):
        self.key_alterations = altered
        self.alterations: dict[int, int] = {}  # by step

    def accidental(self, step: int, alteration: int) -> str:
        """Returns the accidental to write before a new note.

        It is written wherever a reader might play another note without it:
        some let an accidental hold in its own octave, some in all.

        Args:
            step: white keys above middle C.
            alteration: semitones by which the note is raised.

        Returns:
            "", "^", "^^", "_", "__" or "=".

        Raises:
            Unusable: it is raised or lowered by more than two semitones.
        """
        if alteration not in ACCIDENTALS:
            raise Unusable("unusual accidental")
        default = self.key_alterations.get(LETTERS[step % 7], 0)
        readings = {
            a for s, a in self.alterations.items() if (s - step) % 7 == 0
        }
        readings.add(self.alterations.get(step, default))
        if readings == {alteration}:
            return ""
        self.alterations[step] = alteration
        return ACCIDENTALS[alteration]


def explicit_accidentals(tune: Tune) -> str:
    """Returns the body with accidentals repeated where programs differ.

    In canonical ABC an accidental holds to the end of the bar for the notes of
    its own octave. Other programs let it hold in all octaves (the default of
    ABC 2.1), so notes that this would alter get an accidental of their own.

    Args:
        tune: its body may be any text of canonical tokens.

    Example:
        >>> tune = Tune("", "C", "major", "4/4", "^F4 f4 | F8 |]")
        >>> explicit_accidentals(tune)
        '^F4 =f4 | F8 |]'
    """
    altered = signature(tune.key, tune.mode)
    by_pitch: dict[str, int] = {}  # alterations of this bar, as we read them
    by_letter: dict[str, int] = {}  # as other programs do
    tied_pitch, tokens = "", []
    for token in tune.body.split():
        note = bars.parse_note(token)
        if token in bars.BAR_LINES:
            by_pitch, by_letter = {}, {}
        if note is None or note.pitch == "z":
            tokens.append(token)
            tied_pitch = tied_pitch if token == "|" else ""
            continue
        letter = note.pitch[0].upper()
        default = altered.get(letter, 0)
        if note.accidental:
            alteration = ALTERATIONS[note.accidental]
            by_pitch[note.pitch] = by_letter[letter] = alteration
        elif tied_pitch != note.pitch:
            alteration = by_pitch.get(note.pitch, default)
            if by_letter.get(letter, default) != alteration:
                token = ACCIDENTALS[alteration] + token
                by_pitch[note.pitch] = by_letter[letter] = alteration
        tokens.append(token)
        tied_pitch = note.pitch if note.tied else ""
    return " ".join(tokens)


def add_accidentals(
    fields: Fields, key: tuple[str, str], measures: Iterable[ParsedMeasure]
) -> None:
    """Adds the accidentals that notes of wild ABC need in canonical ABC.

    In ABC 2.1 (section 11.3) an accidental holds for its letter in all
    octaves, unless `%%propagate-accidentals octave` is given; in canonical
    ABC it holds for its own octave.

    Args:
        fields: its key may have a signature that no mode has.
        key: tonic and mode of the canonical tune.
        measures: are changed in place.
    """
    source_signature = fields.key.signature if fields.key else {}
    canonical_signature = signature(*key)
    by_octave = fields.strict or fields.octave_accidentals
    tied: tuple[str, int] | None = None  # pitch and alteration
    for measure in measures:
        in_source: dict[str, int] = {}  # by pitch, or by letter
        in_canonical: dict[str, int] = {}  # by pitch
        for note in measure.notes:
            if note.pitch == "z":
                tied = None
                continue
            letter = note.pitch[0].upper()
            scope = note.pitch if by_octave else letter
            if note.accidental:
                alteration = ALTERATIONS[note.accidental]
                in_source[scope] = in_canonical[note.pitch] = alteration
            elif tied and tied[0] == note.pitch:
                alteration = tied[1]
            else:
                default = source_signature.get(letter, 0)
                alteration = in_source.get(scope, default)
                default = canonical_signature.get(letter, 0)
                if in_canonical.get(note.pitch, default) != alteration:
                    note.accidental = ACCIDENTALS[alteration]
                    in_canonical[note.pitch] = alteration
            tied = (note.pitch, alteration) if note.tied else None

"""The accidentals of wild ABC, written as canonical ABC wants them."""

from seqapps.tasks.music.notation.fields import Fields
from seqapps.tasks.music.notation.header import ALTER, SIGNS, signature
from seqapps.tasks.music.notation.measure import Measure, Note


def write(
    fields: Fields, key: tuple[str, str], measures: list[Measure]
) -> None:
    """Adds the signs that the notes need to sound as they are meant.

    In ABC 2.1 (section 11.3) an accidental holds for its letter in all
    octaves, unless `%%propagate-accidentals octave` is given; in canonical
    ABC it holds for its own octave.

    Args:
        fields: its key may have a signature that no mode has.
        key: tonic and mode of the canonical tune.
        measures: are changed; no accidental has been added to them yet.
    """
    meant = fields.key.signature
    usual = signature(*key)
    own_octave = fields.plain or fields.own_octave
    before: tuple[str, int] | None = None  # what a tie leads on from
    for m in measures:
        heard: dict[str, int] = {}  # by pitch, or by letter
        held: dict[str, int] = {}  # by pitch, in canonical ABC
        for n in m.notes:
            if not isinstance(n, Note):
                continue
            if n.pitch == "z":
                before = None
                continue
            letter = n.pitch[0].upper()
            place = n.pitch if own_octave else letter
            if n.accidental:
                alter = ALTER[n.accidental]
                heard[place] = held[n.pitch] = alter
            elif before and before[0] == n.pitch:
                alter = before[1]
            else:
                alter = heard.get(place, meant.get(letter, 0))
                if held.get(n.pitch, usual.get(letter, 0)) != alter:
                    n.accidental = SIGNS[alter]
                    held[n.pitch] = alter
            before = (n.pitch, alter) if n.tied else None

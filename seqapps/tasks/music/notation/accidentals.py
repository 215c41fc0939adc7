"""The accidentals of a bar: which are to be written, which hold."""

from seqapps.tasks.music.notation import bars
from seqapps.tasks.music.notation.header import (
    ALTER,
    SIGNS,
    Unusable,
    signature,
)
from seqapps.tasks.music.notation.tune import Tune


class Accidentals:
    """What has been altered since the bar line.

    Args:
        raised: what the key alters, as `header.signature` says.
    """

    def __init__(self, raised: dict[str, int]):
        self.raised = raised
        self.altered: dict[int, int] = {}  # step to alteration

    def sign(self, step: int, alter: int) -> str:
        """What a new note needs before it: "" or "^", "^^", "_", "__", "=".

        It is written wherever one reader might take it for another note:
        some let an accidental hold in its own octave, some in all.

        Args:
            step: white keys above middle C.
            alter: semitones that the note is raised by.
        """
        if alter not in SIGNS:
            raise Unusable("unusual accidental")
        own = self.raised.get("CDEFGAB"[step % 7], 0)
        heard = {a for s, a in self.altered.items() if (s - step) % 7 == 0}
        heard.add(self.altered.get(step, own))
        if heard == {alter}:
            return ""
        self.altered[step] = alter
        return SIGNS[alter]


def explicit(tune: Tune) -> str:
    """The body with accidentals repeated where programs differ.

    In canonical ABC an accidental holds to the end of the bar for the notes of
    its own octave. Others let it hold in all octaves (the default of ABC 2.1),
    so a note is given its sign wherever that would alter it.

    Args:
        tune: its body may be any text of canonical tokens.

    Example:
        >>> explicit(Tune("", "C", "major", "4/4", "^F4 f4 | F8 |]"))
        '^F4 =f4 | F8 |]'
    """
    raised = signature(tune.key, tune.mode)
    own: dict[str, int] = {}  # what holds for a pitch in this bar
    heard: dict[str, int] = {}  # what others let hold for its letter
    tied, written = "", []
    for token in tune.body.split():
        note = bars.note(token)
        if token in bars.BAR_LINES:
            own, heard = {}, {}
        if note is None or note.pitch == "z":
            written.append(token)
            tied = tied if token == "|" else ""
            continue
        letter = note.pitch[0].upper()
        usual = raised.get(letter, 0)
        if note.accidental:
            own[note.pitch] = heard[letter] = ALTER[note.accidental]
        elif tied != note.pitch:
            meant = own.get(note.pitch, usual)
            if heard.get(letter, usual) != meant:
                token = SIGNS[meant] + token
                own[note.pitch] = heard[letter] = meant
        written.append(token)
        tied = note.pitch if note.tied else ""
    return " ".join(written)

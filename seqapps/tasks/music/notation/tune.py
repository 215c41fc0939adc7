"""A tune in canonical ABC."""

from dataclasses import dataclass

from seqapps.tasks.music.notation import keys
from seqapps.tasks.music.notation.key_signature import key_field


@dataclass(frozen=True)
class Tune:
    """A tune in canonical form.

    Args:
        title: in plain letters; may be empty.
        key: the tonic: "G", "F#", "Bb".
        mode: "major", "minor", "dorian", "mixolydian", "lydian", "phrygian"
            or "locrian".
        meter: such as "6/8".
        body: canonical tokens with space between them; see `bars`.
        tempo: a length and how many a minute: "3/8=112"; empty for what suits
            the metre.
        program: of General MIDI, counted from 0; None for a fiddle.
        rhythm: its kind, one of `rhythm.RHYTHMS`; empty for none of them.
        swing: share of two even quavers that the first has when it is played;
            None for what suits the kind.
    """

    title: str
    key: str
    mode: str
    meter: str
    body: str
    tempo: str = ""
    program: int | None = None
    rhythm: str = ""
    swing: float | None = None

    def abc(self, number: int = 1, body: str | None = None) -> str:
        """Returns the whole text, header and body.

        Args:
            number: the value of `X:`.
            body: the body laid out in another way, as by `layout.beamed`.
        """
        rhythm = f"R:{self.rhythm}\n" if self.rhythm else ""
        tempo = f"Q:{self.tempo}\n" if self.tempo else ""
        program = ""
        if self.program is not None:  # as abc2midi and abcjs read it
            program = f"%%MIDI program {self.program}\n"
        return (
            f"X:{number}\nT:{self.title}\n{rhythm}M:{self.meter}\nL:1/8\n{tempo}"
            f"K:{key_field(self.key, self.mode)}\n{program}"
            f"{self.body if body is None else body}\n"
        )


def parse_canonical(text: str, tempo: str = "") -> Tune:
    """Parses a text in canonical form, as a network writes it, unchecked.

    Args:
        text: header and body.
        tempo: of the tune.
    """
    head, _, rest = text.partition("\nK:")
    field, _, body = rest.partition("\n")
    title = head.partition("\nT:")[2].partition("\n")[0]
    meter = head.partition("\nM:")[2].partition("\n")[0]
    rhythm = head.partition("\nR:")[2].partition("\n")[0]
    key = keys.parse_key(field)
    return Tune(
        title,
        key.tonic,
        key.mode,
        meter,
        body.strip(),
        tempo,
        rhythm=rhythm,
    )

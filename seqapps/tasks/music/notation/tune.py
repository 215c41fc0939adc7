"""A tune in canonical ABC."""

from dataclasses import dataclass

from seqapps.tasks.music.notation import keys
from seqapps.tasks.music.notation.header import key_field


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
    """

    title: str
    key: str
    mode: str
    meter: str
    body: str
    tempo: str = ""
    program: int | None = None

    def abc(self, number: int = 1, body: str | None = None) -> str:
        """The whole text.

        Args:
            number: what `X:` says.
            body: the body written in another way, such as `layout.beamed`.
        """
        tempo = f"Q:{self.tempo}\n" if self.tempo else ""
        sound = ""
        if self.program is not None:  # as abc2midi and abcjs read it
            sound = f"%%MIDI program {self.program}\n"
        return (
            f"X:{number}\nT:{self.title}\nM:{self.meter}\nL:1/8\n{tempo}"
            f"K:{key_field(self.key, self.mode)}\n{sound}"
            f"{self.body if body is None else body}\n"
        )


def read(text: str, tempo: str = "") -> Tune:
    """A tune whose text is canonical, as a network writes it; not checked.

    Args:
        text: header and body.
        tempo: that it is given.
    """
    head, _, rest = text.partition("\nK:")
    field, _, body = rest.partition("\n")
    title = head.partition("\nT:")[2].partition("\n")[0]
    meter = head.partition("\nM:")[2].partition("\n")[0]
    key = keys.read(field)
    return Tune(title, key.tonic, key.mode, meter, body.strip(), tempo)

"""The harmoniser: a melody in, four voices out."""

from typing import Any

from seqapps.tasks.chorale.options import HarmoniseOptions


class Harmoniser:
    """Writes voices with a trained network.

    Args:
        model: what `build_model` made, trained.
        codec: of the data that it was trained on.

    Example:
        ```python
        harmoniser = chorale.Harmoniser(model, data.codec)
        melody = "67 _ _ _ 69 _ _ _ 71 _ _ _ 67 _ _ _"  # G A B G, crotchets
        harmoniser.harmonise(melody, sharps=1)["bass"]
        ```
    """

    def __init__(self, model, codec):
        from seqapps.tasks.chorale import endpoints

        self.model, self.codec = model, codec
        self.functions = endpoints.functions(model, codec)

    def harmonise(
        self,
        soprano: str = "",
        alto: str = "",
        tenor: str = "",
        bass: str = "",
        meter: str = "4/4",
        pickup: int = 0,
        sharps: int = 0,
        mode: str = "",
        count: int = HarmoniseOptions.count,
        temperature: float = HarmoniseOptions.temperature,
        top_p: float = HarmoniseOptions.top_p,
        rewrites: int = HarmoniseOptions.rewrites,
        seed: int = HarmoniseOptions.seed,
    ) -> dict[str, list[str]]:
        """Writes what is open in four voices; see `notation.Chorale`.

        Args:
            soprano: one token a sixteenth: a MIDI pitch, "_" where it goes on,
                "." for a rest, "?" for what is to be written. Empty: all of
                it is. So for the next three.
            alto: the second voice.
            tenor: the third.
            bass: the lowest.
            meter: such as "4/4".
            pickup: sixteenths before the first bar line.
            sharps: of the key signature; flats are negative.
            mode: "major", "minor", or empty for either.
            count: how many.
            temperature: below 1 plainer, above 1 more surprise.
            top_p: choose among the likeliest notes that together have this
                probability.
            rewrites: how often each passage is written once more.
            seed: the same seed gives the same voices.

        Returns:
            "soprano", "alto", "tenor" and "bass", each of `count` texts.

        Raises:
            InputError: a text cannot be read, a given note leaves its voice's
                range or crosses another, or a number is out of range.
        """
        from seqapps import export

        return export.call(
            self.functions["harmonise"],
            soprano,
            alto,
            tenor,
            bass,
            meter,
            pickup,
            sharps,
            mode,
            count,
            temperature,
            top_p,
            rewrites,
            seed,
        )

    def compose(
        self,
        meter: str = "",
        sharps: int = 0,
        mode: str = "",
        count: int = HarmoniseOptions.count,
        temperature: float = HarmoniseOptions.temperature,
        top_p: float = HarmoniseOptions.top_p,
        rewrites: int = HarmoniseOptions.rewrites,
        seed: int = HarmoniseOptions.seed,
    ) -> dict[str, list]:
        """Writes chorales from nothing, laid out as those learned from.

        Args:
            meter: such as "4/4"; empty for any.
            sharps: of the key signature.
            mode: "major", "minor", or empty for any.
            count: see `harmonise`; so for the rest.
            temperature: of the choices.
            top_p: their probability together.
            rewrites: of each passage.
            seed: of the random numbers.

        Returns:
            The four voices, and "meter", "pickup" and "mode" of each chorale.

        Raises:
            InputError: no such chorale was learned, or a number is out of
                range.
        """
        from seqapps import export

        return export.call(
            self.functions["compose"],
            meter,
            sharps,
            mode,
            count,
            temperature,
            top_p,
            rewrites,
            seed,
        )

    def score(
        self,
        soprano: str,
        alto: str,
        tenor: str,
        bass: str,
        meter: str = "4/4",
        pickup: int = 0,
        sharps: int = 0,
        mode: str = "",
    ) -> dict[str, Any]:
        """How surprising the lower voices are: "nats" of each, and "total".

        Args:
            soprano: see `harmonise`; so for the rest.
            alto: the second voice.
            tenor: the third.
            bass: the lowest.
            meter: such as "4/4".
            pickup: sixteenths before the first bar line.
            sharps: of the key signature.
            mode: "major", "minor" or empty.
        """
        from seqapps import export

        return export.call(
            self.functions["score"],
            soprano,
            alto,
            tenor,
            bass,
            meter,
            pickup,
            sharps,
            mode,
        )

"""The composer: a request in, tunes out, by one compiled loop."""

from collections.abc import Sequence

from seqapps.tasks.music.options import (
    REWRITE_CANDIDATES,
    GenerateOptions,
    require_few_bars,
)


class Composer:
    """Composes tunes with a trained network.

    Args:
        model: what `build_model` made, trained.
        codec: of the data that it was trained on.

    Example:
        ```python
        composer = music.Composer(model, data.codec)
        print(composer.generate(key="G", meter="6/8", seed=7)[0])
        ```
    """

    def __init__(self, model, codec):
        from seqapps.tasks.music import endpoints

        self.model, self.codec = model, codec
        self.functions = endpoints.functions(model, codec)

    def generate(
        self,
        key: str = GenerateOptions.key,
        mode: str = GenerateOptions.mode,
        meter: str = GenerateOptions.meter,
        bars: int | None = GenerateOptions.bars,
        form: str = GenerateOptions.form,
        primer: str = "",
        count: int = GenerateOptions.count,
        temperature: float = GenerateOptions.temperature,
        top_k: int = GenerateOptions.top_k,
        top_p: float = GenerateOptions.top_p,
        seed: int = GenerateOptions.seed,
        constrained: bool = True,
        rhythm: str = GenerateOptions.rhythm,
        lowest: int = 0,
        highest: int = 127,
        candidates: int = GenerateOptions.candidates,
    ) -> list[str]:
        """Composes tunes, in ABC.

        Args:
            key: the tonic: "G", "F#", "Bb"; empty for any. So for the next
                two.
            mode: "major", "minor", "dorian" or "mixolydian".
            meter: such as "6/8".
            bars: how many as written: the pick-up not counted, first and
                second endings each counted; None for any.
            form: such as "AABB"; empty leaves repeats to the network.
            primer: a fragment in ABC to go on from; its key, mode and metre
                are the tune's.
            count: how many tunes.
            temperature: below 1 plainer tunes, above 1 more surprise.
            top_k: choose among this many likeliest tokens; 0 among all.
            top_p: choose among the likeliest tokens that together have this
                probability.
            seed: the same seed gives the same tunes.
            constrained: False shows what the network does without its mask.
            rhythm: the kind of tune: "reel", "jig", ...; empty for any.
            lowest: the lowest note that may come, of MIDI: 60 is middle C.
            highest: the highest.
            candidates: compose so many for each tune, and keep the likeliest.

        Raises:
            InputError: a key, mode, metre or rhythm that the network does not
                know, or a number out of range.
        """
        from seqapps import export

        require_few_bars(bars)
        return export.call(
            self.functions["generate"],
            key,
            mode,
            meter,
            bars or 0,
            form,
            primer,
            count,
            temperature,
            top_k,
            top_p,
            seed,
            constrained,
            rhythm,
            lowest,
            highest,
            candidates,
        )["abc"]

    def vary(
        self,
        abc: str,
        strength: float = GenerateOptions.strength,
        count: int = GenerateOptions.count,
        temperature: float = GenerateOptions.temperature,
        top_k: int = GenerateOptions.top_k,
        top_p: float = GenerateOptions.top_p,
        seed: int = GenerateOptions.seed,
    ) -> dict:
        """Writes some bars of a tune anew; bars that are alike stay alike.

        Args:
            abc: a whole tune.
            strength: the share of different bars to write anew, up to 1.
            count: how many variations.
            temperature: see `generate`; so for the next three.
            top_k: how many tokens to choose among.
            top_p: their probability together.
            seed: of the choices.

        Returns:
            "abc", the variations, and "changed", for each the measures
            (whatever stands between bar lines) that are new.

        Raises:
            InputError: the tune cannot be read, or a number is out of range.
        """
        from seqapps import export

        return export.call(
            self.functions["vary"],
            abc,
            strength,
            count,
            temperature,
            top_k,
            top_p,
            seed,
        )

    def rewrite(
        self,
        abc: str,
        first: int,
        last: int,
        count: int = GenerateOptions.count,
        temperature: float = GenerateOptions.temperature,
        top_k: int = GenerateOptions.top_k,
        top_p: float = GenerateOptions.top_p,
        seed: int = GenerateOptions.seed,
        candidates: int = REWRITE_CANDIDATES,
    ) -> dict:
        """Writes a passage of a tune anew, and leaves the rest as it is.

        Args:
            abc: a whole tune.
            first: number of the passage's first bar, as `generate` counts
                `bars`.
            last: of its last.
            count: how many tunes.
            temperature: see `generate`; so for the next three.
            top_k: how many tokens to choose among.
            top_p: their probability together.
            seed: of the choices.
            candidates: write so many, and keep the one that leads best to
                what follows it.

        Returns:
            "abc" and "changed", as `vary` does.

        Raises:
            InputError: the tune cannot be read or has no such bars, or a
                number is out of range.
        """
        from seqapps import export

        return export.call(
            self.functions["rewrite"],
            abc,
            first,
            last,
            count,
            temperature,
            top_k,
            top_p,
            seed,
            candidates,
        )

    def score(self, abc: Sequence[str], told: bool = False) -> dict:
        """How surprising tunes are: nats and tokens of each body.

        Args:
            abc: whole tunes.
            told: whether the network is told how many bars are left, as it is
                when it composes.
        """
        from seqapps import export

        return export.call(self.functions["score"], abc, told)

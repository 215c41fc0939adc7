"""`generate`: composes tunes and writes the files to hear and to see."""

from pathlib import Path

from seqapps.errors import InputError

_ROUNDS = 40  # a network that writes no valid tune in so many does not learn to


def generate(
    composer,
    *,
    key: str = "",
    mode: str = "",
    meter: str = "",
    bars: int = 0,
    count: int = 4,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 0.95,
    seed: int = 0,
    output: Path = Path("out"),
) -> list[Path]:
    """Compose folk tunes: ABC, MIDI, sound, an engraved score, a piano roll.

    Args:
        composer: a `Composer`, or a loaded saved model.
        key: The tonic: G, F#, Bb. Empty: as often as in the collection.
        mode: major, minor, dorian or mixolydian. Empty: any.
        meter: Such as 6/8 (a jig), 2/2 (a reel), 9/8 (a slip jig). Empty: any.
        bars: How many bars, the pick-up not counted. 0: any.
        count: How many tunes.
        temperature: Below 1 plainer tunes, above 1 more surprise.
        top_k: Choose each token among this many likeliest; 0: among all.
        top_p: Choose among the likeliest that together have this probability.
        seed: The same seed gives the same tunes.
        output: The folder for tune-1.abc, .mid, .wav, .svg, .png, ...

    Returns:
        The paths that were written.
    """
    from rich.console import Console
    from rich.progress import Progress

    from seqapps.tasks.music import layout, render
    from seqapps.tasks.music.abc import Tune, problems
    from seqapps.tasks.music.header import read_key
    from seqapps.tasks.music.metrics import read

    if count < 1:
        raise InputError(f"--count must be 1 or more, not {count}")
    request = (temperature, top_k, top_p)
    tunes, tried = [], 0
    console = Console(stderr=True)
    with Progress(
        console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        composing = progress.add_task("composing", total=count)
        for turn in range(_ROUNDS):
            spare = 2 * (count - len(tunes)) + 4  # a wider batch costs little
            for abc in composer.generate(
                key, mode, meter, bars, spare, *request, _seed(seed, turn)
            ):
                tried += 1
                metre, body = read(abc)
                if problems(metre, body):
                    continue
                field = abc.partition("\nK:")[2].partition("\n")[0]
                title = f"Tune {len(tunes) + 1}"
                tunes.append(Tune(title, *read_key(field), metre, body))
                if len(tunes) == count:
                    break
            progress.update(composing, completed=len(tunes))
            if len(tunes) == count:
                break
        _writable(output)
        writing = progress.add_task("writing", total=len(tunes))
        paths = []
        for number, tune in enumerate(tunes, 1):
            stem = output / f"tune-{number}"
            formats = ("abc", "mid", "wav", "svg", "png")
            paths += render.render(tune, stem, formats)
            progress.advance(writing)
    for number, tune in enumerate(tunes, 1):
        print(tune.abc(number, layout.beamed(tune.meter, tune.body)))
    if len(tunes) < count:
        raise InputError(
            f"only {len(tunes)} valid tunes in {tried} tries, they are in "
            f"{output}; lower --temperature or --top-p, or train longer"
        )
    again = tried - count
    print(
        f"{count} {'tune' if count == 1 else 'tunes'} in {output}/: .abc .mid "
        f".wav .svg .png; seed {seed}; {again} not valid, tried again"
    )
    return paths


def _seed(seed: int, turn: int) -> int:
    return (seed + 7919 * turn) % 2**31


def _writable(folder: Path) -> None:
    """Makes the folder, and finds out whether files can be written there."""
    import tempfile

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(
            f"cannot write to {folder} ({error.strerror}): name another folder "
            "with --output"
        ) from None

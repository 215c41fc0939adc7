"""Notes that a tune goes on from, typed on the command line."""

import re

from seqapps.tasks.music.importers import reader
from seqapps.tasks.music.notation import abc, tonality
from seqapps.tasks.music.notation.header import signature
from seqapps.tasks.music.notation.tune import Tune


def read(text: str, key: str, mode: str, meter: str) -> tuple[Tune, list[str]]:
    """Read notes in ABC, with a header or without one.

    Args:
        text: ABC; its unit is an eighth where it says none.
        key: the tonic where the text says none; empty to tell it by the notes.
        mode: of the key; empty for major.
        meter: where the text says none; empty for 4/4.

    Returns:
        The fragment, and notes of what was guessed and what was lost.

    Raises:
        InputError: if it cannot be used.
    """
    if re.search(r"(?m)^K:", text):
        return reader.fragment(text)
    guessed = [] if meter else ["4/4 (--meter)"]
    head = f"M:{meter or '4/4'}\nL:1/8\nK:"
    field = f"{key}{mode[:3]}" if key else "C"
    begun, lost = reader.fragment(f"{head}{field}\n{text}\n")
    if not key:
        key, mode = _key_of(begun)
        guessed.insert(0, f"{key} {mode} (--key)")
        begun, lost = reader.fragment(f"{head}{key}{mode[:3]}\n{text}\n")
    taken = [f"taken as {', '.join(guessed)}"] if guessed else []
    return begun, taken + lost


def _key_of(tune: Tune) -> tuple[str, str]:
    """The key of notes written without a signature, which stay as they are."""
    line = [(p, n) for p, n in abc.melody(tune) if p is not None]
    key, mode = tonality.analyse(line)
    letters = {token.strip("^_=")[0].upper() for token in tune.body.split()}
    if letters & set(signature(key, mode)):
        key, mode = tonality.analyse(line, 0)
    return key, mode

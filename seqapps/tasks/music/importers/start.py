"""Parses notes, typed on the command line, that a tune begins with."""

import re

from seqapps.tasks.music.importers import reader
from seqapps.tasks.music.notation import abc, tonality
from seqapps.tasks.music.notation.key_signature import signature
from seqapps.tasks.music.notation.tune import Tune


def parse_start(
    text: str, key: str, mode: str, meter: str
) -> tuple[Tune, list[str]]:
    """Parses notes in ABC, with a header or without one.

    Args:
        text: ABC; without `L:` its unit is an eighth.
        key: the tonic, if the text has none; empty to estimate it.
        mode: of the key; empty for major.
        meter: if the text has none; empty for 4/4.

    Returns:
        The fragment, and messages on what was assumed and what was dropped.

    Raises:
        InputError: it cannot be used.
    """
    if re.search(r"(?m)^K:", text):
        return reader.parse_fragment(text)
    assumed = [] if meter else ["4/4 (--meter)"]
    head = f"M:{meter or '4/4'}\nL:1/8\nK:"
    field = f"{key}{mode[:3]}" if key else "C"
    tune, messages = reader.parse_fragment(f"{head}{field}\n{text}\n")
    if not key:
        key, mode = _estimate_key(tune)
        assumed.insert(0, f"{key} {mode} (--key)")
        tune, messages = reader.parse_fragment(
            f"{head}{key}{mode[:3]}\n{text}\n"
        )
    if assumed:
        messages = [f"assumed {', '.join(assumed)}", *messages]
    return tune, messages


def _estimate_key(tune: Tune) -> tuple[str, str]:
    """Estimates the key of notes written without a signature.

    Only a key that leaves the letters of the notes as they are is possible.
    """
    notes = [(p, n) for p, n in abc.melody(tune) if p is not None]
    key, mode = tonality.estimate_key(notes)
    letters = {token.strip("^_=")[0].upper() for token in tune.body.split()}
    if letters & set(signature(key, mode)):
        key, mode = tonality.estimate_key(notes, 0)
    return key, mode

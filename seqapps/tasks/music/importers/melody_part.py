"""Chooses the track or part with the melody, as requested or by rule."""

from collections.abc import Callable, Sequence

from seqapps.console import terminal
from seqapps.tasks.music.notation.unusable import Unusable

_MAX_LISTED = 8  # parts
_MAX_NAME = 40  # characters


def choose_part(
    kind: str,
    names: Sequence[str],
    track: str,
    rule: Callable[[], int],
) -> tuple[int, str]:
    """Chooses one of several parts.

    Args:
        kind: "track" or "part", for messages.
        names: of each; may be empty.
        track: a number from 1 on, a name, or a piece of a name that no other
            has; empty: by the rule.
        rule: returns the index if none is requested.

    Returns:
        The index, and a message on what was chosen; empty if there is only
        one part.

    Raises:
        Unusable: there is no such part, or more than one.
    """
    track = track.strip()
    chosen = _requested(kind, names, track) if track else rule()
    if len(names) < 2:
        return chosen, ""
    others = [i for i in range(len(names)) if i != chosen]
    return chosen, (
        f"{kind} {_label(names, chosen)}, not {_list(names, others)} "
        "(choose with --track)"
    )


def _requested(kind: str, names: Sequence[str], track: str) -> int:
    if track.isdecimal() and 1 <= int(track[:9]) <= len(names):
        return int(track[:9]) - 1
    wanted, folded = track.casefold(), [name.casefold() for name in names]
    matches: list[int] = []
    for test in (str.__eq__, str.startswith, str.__contains__):
        matches = matches or [
            i for i, name in enumerate(folded) if test(name, wanted)
        ]
    if len(matches) == 1:
        return matches[0]
    several = "more than one" if matches else "no"
    error = Unusable(f"{several} {kind} is called {track[:_MAX_NAME]}")
    error.add_note(f"there are {_list(names, range(len(names)))}")
    raise error


def _label(names: Sequence[str], index: int) -> str:
    name = terminal.shown(names[index])
    if len(name) > _MAX_NAME:
        name = name[: _MAX_NAME - 3] + "..."
    return f'{index + 1} "{name}"' if name else str(index + 1)


def _list(names: Sequence[str], indices: Sequence[int]) -> str:
    listed = [_label(names, i) for i in indices[:_MAX_LISTED]]
    if len(indices) > _MAX_LISTED:
        listed.append(f"{len(indices) - _MAX_LISTED} more")
    return ", ".join(listed)

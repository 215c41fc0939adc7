"""The part that is taken as the melody, by wish or by rule, and the others."""

from collections.abc import Callable, Sequence

from seqapps.console import terminal
from seqapps.tasks.music.notation.header import Unusable

_NAMED = 8  # parts that are listed
_LETTERS = 40  # of a name


def choose(
    kind: str,
    names: Sequence[str],
    track: str,
    rule: Callable[[], int],
) -> tuple[int, str]:
    """Choose one of several parts.

    Args:
        kind: what they are called: "track", "part".
        names: of each; may be empty.
        track: a number from 1 on, a name, or the beginning or another piece
            of one name alone; empty: by the rule.
        rule: which it is where none is wished for.

    Returns:
        Its place, and words on what was taken and what there was; empty
        where there was no choice.

    Raises:
        Unusable: if there is no such part, or more than one.
    """
    track = track.strip()
    chosen = _wished(kind, names, track) if track else rule()
    if len(names) < 2:
        return chosen, ""
    others = [i for i in range(len(names)) if i != chosen]
    return chosen, (
        f"{kind} {_label(names, chosen)} was taken, not "
        f"{_listed(names, others)}; --track chooses"
    )


def _wished(kind: str, names: Sequence[str], track: str) -> int:
    if track.isdecimal() and 1 <= int(track[:9]) <= len(names):
        return int(track[:9]) - 1
    wish, plain = track.casefold(), [name.casefold() for name in names]
    found: list[int] = []
    for same in (str.__eq__, str.startswith, str.__contains__):
        found = found or [i for i, n in enumerate(plain) if same(n, wish)]
    if len(found) == 1:
        return found[0]
    several = "more than one" if found else "no"
    error = Unusable(f"{several} {kind} is called {track[:40]}")
    error.add_note(f"there are {_listed(names, range(len(names)))}")
    raise error


def _label(names: Sequence[str], place: int) -> str:
    name = terminal.shown(names[place])
    if len(name) > _LETTERS:
        name = name[: _LETTERS - 3] + "..."
    return f'{place + 1} "{name}"' if name else str(place + 1)


def _listed(names: Sequence[str], places: Sequence[int]) -> str:
    listed = [_label(names, i) for i in places[:_NAMED]]
    if len(places) > _NAMED:
        listed.append(f"{len(places) - _NAMED} more")
    return ", ".join(listed)

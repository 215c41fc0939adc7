"""The voices of a part that has several staves."""

from collections import Counter, defaultdict
from typing import NamedTuple

from seqapps.tasks.music.importers.draft import Note


class Sounding(NamedTuple):
    """A note, where it stands, and its ties."""

    measure: int
    segment: int  # of the measure, between backups
    voice: str
    staff: int
    note: Note
    tie: str


def by_staff(notes: list[Sounding]) -> dict[int, list[Sounding]]:
    """The notes of each staff's own voices, from the top staff down.

    A voice belongs to the staff where most of its notes are, and is followed
    across to the others. Where programs number the voices of each staff from
    1 on, a number is one voice a staff.
    """
    homes = _homes(notes)
    found: dict[int, list[Sounding]] = {}
    for staff in sorted(set(homes.values())):
        found[staff] = []
    for n in notes:
        whole = (n.voice,)
        segment = (n.voice, n.measure, n.segment)
        found[homes[whole if whole in homes else segment]].append(n)
    return found


def _homes(notes: list[Sounding]) -> dict[tuple, int]:
    """The staff of each voice, or of each segment of some voices."""
    segments: dict[tuple, Counter] = defaultdict(Counter)
    for n in notes:
        segments[n.voice, n.measure, n.segment][n.staff] += 1
    voices: dict[tuple, Counter] = defaultdict(Counter)
    seen: dict[tuple, int] = {}
    twice = set()  # voices that are on two staves in one measure
    for (voice, measure, _), count in segments.items():
        staff = count.most_common(1)[0][0]
        voices[voice,] += count
        if seen.setdefault((voice, measure), staff) != staff:
            twice.add(voice)
    homes = {
        key: count.most_common(1)[0][0]
        for key, count in voices.items()
        if key[0] not in twice
    }
    for key, count in segments.items():
        if key[0] in twice:
            homes[key] = count.most_common(1)[0][0]
    return homes

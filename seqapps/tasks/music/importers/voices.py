"""Assigns the voices of a part to its staves."""

from collections import Counter, defaultdict
from typing import NamedTuple

from seqapps.tasks.music.importers.draft import SpelledNote


class VoiceNote(NamedTuple):
    """A note with its position in a part.

    Args:
        measure: its index.
        segment: of the measure, between backups.
        voice: its name; may be empty.
        staff: a number from 1 on.
        note: its times count from the bar line.
        tie: "start", "stop", "continue" or "".
    """

    measure: int
    segment: int
    voice: str
    staff: int
    note: SpelledNote
    tie: str


_Voice = tuple[str] | tuple[str, int, int]  # or only one segment of it


def by_staff(notes: list[VoiceNote]) -> dict[int, list[VoiceNote]]:
    """Returns the notes of each staff's own voices, from the top staff down.

    A voice belongs to the staff where most of its notes are, and is followed
    across to the others. Some programs number the voices of each staff from 1
    on: then a number means another voice on each staff.
    """
    homes = _home_staves(notes)
    staves: dict[int, list[VoiceNote]] = {}
    for staff in sorted(set(homes.values())):
        staves[staff] = []
    for n in notes:
        home = homes.get((n.voice,))
        if home is None:
            home = homes[n.voice, n.measure, n.segment]
        staves[home].append(n)
    return staves


def _home_staves(notes: list[VoiceNote]) -> dict[_Voice, int]:
    """Returns the staff of each voice, or of each segment of some voices."""
    segments: dict[tuple[str, int, int], Counter[int]] = defaultdict(Counter)
    for n in notes:
        segments[n.voice, n.measure, n.segment][n.staff] += 1
    voices: dict[str, Counter[int]] = defaultdict(Counter)
    seen: dict[tuple[str, int], int] = {}
    on_two: set[str] = set()  # voices on two staves in one measure
    for (voice, measure, _), count in segments.items():
        staff = count.most_common(1)[0][0]
        voices[voice] += count
        if seen.setdefault((voice, measure), staff) != staff:
            on_two.add(voice)
    homes: dict[_Voice, int] = {
        (voice,): count.most_common(1)[0][0]
        for voice, count in voices.items()
        if voice not in on_two
    }
    for segment, count in segments.items():
        if segment[0] in on_two:
            homes[segment] = count.most_common(1)[0][0]
    return homes

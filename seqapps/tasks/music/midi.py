"""MIDI files: music21 reads the events; of them comes a melody in bars."""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from seqapps.tasks.music import timing, tonality
from seqapps.tasks.music.draft import (
    NO_KEY,
    NO_METRE,
    PARTS,
    TOGETHER,
    Bar,
    Draft,
    Note,
)
from seqapps.tasks.music.grid import STEP
from seqapps.tasks.music.header import Unusable, fifths, read_meter
from seqapps.tasks.music.skyline import skyline
from seqapps.tasks.music.timing import Played

MOVED = "quantised to sixteenths and triplets; the most a note moved, in beats"
SHORT = "notes too short for sixteenths were left out"
_LONGEST = 5000  # bars; damaged files have silences of millions
_DRUMS = 10  # the channel, counted from 1
_MELODY = re.compile("melod|vocal|voice|lead|sopran", re.IGNORECASE)


class Song(NamedTuple):
    """What a MIDI file says, with times in eighths.

    Args:
        title: the name of the first track; may be empty.
        tracks: name and notes, one for every channel of every track.
        meters: when a metre begins, and which.
        keys: sharps, and whether it is minor; one for every key signature.
        drums: whether there are drums.
    """

    title: str
    tracks: list[tuple[str, list[Played]]]
    meters: list[tuple[Fraction, str]]
    keys: list[tuple[int, bool]]
    drums: bool


def read(data: bytes) -> Song:
    """Read a file of format 0 or 1; what music21 raises goes through.

    Raises:
        Unusable: if its end is missing, or its times are no beats.
    """
    from music21.midi import MetaEvents, MidiFile, translate

    file = MidiFile()
    file.readstr(data)
    place = 14  # after the header; music21 takes what is left of a track
    while place + 8 <= len(data):
        place += 8 + int.from_bytes(data[place + 4 : place + 8])
    if place > len(data):
        raise Unusable("cut short")
    if file.ticksPerSecond:
        raise Unusable("timed in seconds, not in beats")
    eighth = Fraction(file.ticksPerQuarterNote, 2)
    tracks, meters, keys, title, drums = [], [], [], "", False
    for number, track in enumerate(file.tracks):
        name = ""
        events = translate.getTimeForEvents(track)
        for tick, event in events:
            if event.type == MetaEvents.TIME_SIGNATURE:
                over, power = event.data[:2]
                meters.append((tick / eighth, f"{over}/{2**power}"))
            elif event.type == MetaEvents.KEY_SIGNATURE:
                sharps, minor = event.data[:2]
                keys.append(((sharps + 128) % 256 - 128, minor == 1))
            elif event.type == MetaEvents.SEQUENCE_TRACK_NAME:
                name = name or _text(event.data)
        title = title if number else name
        channels = _channels(events, eighth)
        drums |= channels.pop(_DRUMS, None) is not None
        tracks += [(name, notes) for notes in channels.values()]
    return Song(title, tracks, meters, keys, drums)


def _channels(
    events: list[tuple[int, Any]], eighth: Fraction
) -> dict[int, list[Played]]:
    """Pair the beginnings of notes with their ends, the first with the first.

    music21 would end a note that is struck again with the end of the first.
    """
    channels: dict[int, list[Played]] = defaultdict(list)
    waiting: dict[tuple[int, int], deque[int]] = defaultdict(deque)
    for tick, event in events:
        if event.isNoteOn():
            waiting[event.channel, event.pitch].append(tick)
        elif event.isNoteOff() and waiting[event.channel, event.pitch]:
            start = waiting[event.channel, event.pitch].popleft()
            if start < tick:
                note = Played(start / eighth, tick / eighth, event.pitch)
                channels[event.channel].append(note)
    return channels


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def draft(song: Song, complete: bool = True) -> Draft:
    """Take the melody of a song.

    Args:
        song: what the file says.
        complete: whether the last bar is filled up; if not, the melody is to
            go on.

    Raises:
        Unusable: if there is no melody in one metre and one key.
    """
    lost: dict[str, Fraction | int] = {}
    notes = _melody(song)
    meter, upbeat = _meter(song.meters, max(n.end for n in notes))
    whole = Fraction(meter) * 8
    later = whole - upbeat if upbeat else 0
    line = timing.line(
        [Played(n.start + later, n.end + later, n.pitch) for n in notes],
        whole,
        upbeat,
    )
    if len(song.tracks) > 1 or song.drums:
        lost[PARTS] = 0
    if line.together:
        lost[TOGETHER] = 0
    if line.short:
        lost[SHORT] = 0
    if line.moved:
        lost[MOVED] = line.moved / 2
    if not song.meters:
        lost[NO_METRE] = 0
    heard = [(n.pitch, n.end - n.start) for n in line.notes]
    key, mode = _key(song.keys, heard)
    if not song.keys:
        lost[NO_KEY] = 0
    sharps = fifths(key, mode)
    spelt = [
        Note(n.start, n.end, *tonality.spell(n.pitch, sharps))
        for n in line.notes
    ]
    end = line.end if complete else line.notes[-1].end
    if end - line.start > _LONGEST * whole:
        raise Unusable("too long")
    bars = list(_bars(line.start, end, whole))
    if not complete:
        bars[-1] = bars[-1]._replace(torn=bool(end % whole))
    return Draft(song.title, key, mode, meter, spelt, bars, lost)


def _melody(song: Song) -> list[Played]:
    """The notes of the track that looks most like the melody."""
    if not song.tracks:
        raise Unusable("only drums" if song.drums else "no notes")
    sizes = [len({n.start for n in notes}) for _, notes in song.tracks]
    full = [
        track
        for track, size in zip(song.tracks, sizes, strict=True)
        if 2 * size >= max(sizes)
    ]
    named = [track for track in full if _MELODY.search(track[0])]
    return max((notes for _, notes in named or full), key=_mean_pitch)


def _mean_pitch(notes: list[Played]) -> float:
    pitches = [n.pitch for n in skyline(notes, slack=STEP)]
    return sum(pitches) / len(pitches)


def _meter(
    meters: list[tuple[Fraction, str]], end: Fraction
) -> tuple[str, Fraction]:
    """The one metre of a song, and the length of its pick-up.

    Programs write a pick-up, and the short bar before another one, as metres
    of their own. That is no change as long as bar lines stay where they were.
    """
    held = dict(sorted(m for m in meters if m[0] < end))
    if not held:
        return "4/4", Fraction(0)
    total: Counter[str] = Counter()
    spans = pairwise([*held.items(), (end, "")])
    lasted = [(meter, after - time) for (time, meter), (after, _) in spans]
    for meter, span in lasted:
        total[meter] += span
    main = total.most_common(1)[0][0]
    whole = Fraction(read_meter(main)) * 8
    begins = [time for time, meter in held.items() if meter == main]
    long = any(meter != main and span >= whole for meter, span in lasted)
    if long or any((b - a) % whole for a, b in pairwise(begins)):
        raise Unusable("changes key or metre")
    upbeat = begins[0] % whole
    return main, upbeat if upbeat >= STEP else Fraction(0)


def _key(
    keys: list[tuple[int, bool]], heard: list[tuple[int, Fraction]]
) -> tuple[str, str]:
    """Tonic and mode.

    Most programs call every signature major, and write C major where they
    know none: so analysis has a say in both.
    """
    if len({sharps for sharps, _ in keys}) > 1:
        raise Unusable("changes key or metre")
    if not keys or abs(keys[0][0]) > 7:
        return tonality.analyse(heard)
    sharps, minor = keys[0]
    if minor:
        return tonality.tonic(sharps, -3), "minor"
    time: Counter[int] = Counter()
    for pitch, length in heard:
        time[pitch % 12] += length
    # F# more than F, or Bb more than B, by a fiftieth of the time
    raised, lowered = time[6] - 2 * time[5], time[10] - 2 * time[11]
    denied = max(raised, lowered) * 50 > time.total()
    return tonality.analyse(heard, None if denied and not sharps else sharps)


def _bars(start: Fraction, end: Fraction, whole: Fraction) -> Iterator[Bar]:
    while start < end:
        after = (start // whole + 1) * whole
        yield Bar(start, min(after, end))
        start = after

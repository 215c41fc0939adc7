"""Standard MIDI files: the events of their tracks.

They are read as players read them: chunks of other kinds, bytes after the
end and a wrong number of tracks do no harm. mido and music21 refuse the whole
file for a key signature that is not valid, and want the header in its plain
form.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from seqapps.tasks.music.notation.header import Unusable

LARGEST = 2 * 1024 * 1024  # bytes; a note takes six or more
# bytes after the status, by its upper half, and of 0xF1 to 0xF6
_DATA = {8: 2, 9: 2, 10: 2, 11: 2, 12: 1, 13: 1, 14: 2}
_COMMON = {0xF1: 1, 0xF2: 2, 0xF3: 1}
META = 0xFF


class Event(NamedTuple):
    """What happens at one moment of a track.

    Args:
        tick: when, from the beginning on.
        status: of a channel message, the kind and the channel; or `META`.
        data: of a channel message two bytes or one.
        kind: of a meta event.
    """

    tick: int
    status: int
    data: bytes
    kind: int = 0


class File(NamedTuple):
    """A file as it stands.

    Args:
        format: 0 one track, 1 several that sound together, 2 several that
            are songs of their own.
        division: ticks to the crotchet.
        rate: ticks a second where time is SMPTE's, else 0.
        tracks: the bytes of each.
    """

    format: int
    division: int
    rate: float
    tracks: list[bytes]


def read(data: bytes) -> File:
    """Find the tracks of a file, also of one inside RIFF.

    Raises:
        Unusable: if it is no MIDI file, has no time, or is cut short.
    """
    if len(data) > LARGEST:
        raise Unusable(f"larger than {LARGEST // 2**20} MB")
    start = data.find(b"MThd")  # RIFF or an old Macintosh header comes before
    if start < 0 or len(data) < start + 14:
        raise Unusable("damaged, or not MIDI")
    length, kind, _, division = struct.unpack_from(">IHHH", data, start + 4)
    if length < 6 or kind > 2:
        raise Unusable("damaged, or not MIDI")
    rate = 0.0
    if division & 0x8000:
        frames = 256 - (division >> 8)
        rate = (30 / 1.001 if frames == 29 else frames) * (division & 0xFF)
    if not (rate or division and not division & 0x8000):
        raise Unusable("no ticks to the beat")
    tracks = []
    place = start + 8 + length
    while place + 8 <= len(data):
        name, size = struct.unpack_from(">4sI", data, place)
        if name == b"MThd":
            break  # another file after this one
        place += 8
        if name == b"MTrk":
            if place + size > len(data):
                raise Unusable("cut short")
            tracks.append(data[place : place + size])
        place += size
    if not tracks:
        raise Unusable("no notes")
    return File(kind, division, rate, tracks)


def events(track: bytes) -> Iterator[Event]:
    """Read the channel messages and meta events of a track.

    System messages are left out. The last event is the track's end, whether
    the file says it or not.

    Raises:
        Unusable: if it ends within an event, or begins with none.
    """
    tick, place, running = 0, 0, 0
    try:
        while place < len(track):
            delta, place = _number(track, place)
            tick += delta
            status = track[place]
            if status < 0x80:
                status = running  # also after meta events, as players do
            else:
                place += 1
            if status == META:
                kind = track[place]
                size, place = _number(track, place + 1)
                if kind == 0x2F:
                    break
                yield Event(tick, META, track[place : place + size], kind)
                place += size
            elif status in (0xF0, 0xF7):
                size, place = _number(track, place)
                place += size
            elif status > 0xF0:
                place += _COMMON.get(status, 0)
            elif status:
                running = status
                size = _DATA[status >> 4]
                found = track[place : place + size]
                if len(found) < size:
                    raise IndexError
                yield Event(tick, status, found)
                place += size
            else:
                raise Unusable("damaged, or not MIDI")
    except IndexError:
        raise Unusable("damaged, or not MIDI") from None
    yield Event(tick, META, b"", 0x2F)


def _number(data: bytes, place: int) -> tuple[int, int]:
    """A number of variable length, four bytes at most, and what follows."""
    value = 0
    for _ in range(4):
        byte = data[place]
        place += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place
    raise Unusable("damaged, or not MIDI")

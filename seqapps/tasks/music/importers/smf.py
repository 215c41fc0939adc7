"""Parses standard MIDI files into the events of their tracks.

It is as tolerant as players are: chunks of other kinds, bytes after the end
and a wrong number of tracks are accepted. mido and music21 refuse the whole
file for an invalid key signature, and accept only the plain form of header.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from seqapps.tasks.music.notation.unusable import Unusable

MAX_BYTES = 2 * 1024 * 1024  # of a file; a note takes six or more
# data bytes by the upper half of the status, and of 0xF1 to 0xF6
_DATA_BYTES = {8: 2, 9: 2, 10: 2, 11: 2, 12: 1, 13: 1, 14: 2}
_COMMON_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1}
META = 0xFF
_END_OF_TRACK = 0x2F
_SYSEX = (0xF0, 0xF7)
_NOT_MIDI = "damaged, or not MIDI"


class Event(NamedTuple):
    """A channel message or meta event.

    Args:
        tick: time from the beginning of the track.
        status: kind and channel of a channel message; or `META`.
        data: its bytes, one or two in a channel message.
        kind: of a meta event.
    """

    tick: int
    status: int
    data: bytes
    kind: int = 0


class MidiFile(NamedTuple):
    """The parts of a file.

    Args:
        format: 0 for one track, 1 for several that sound together, 2 for
            several that are songs of their own.
        division: ticks to the quarter note.
        rate: ticks a second in SMPTE time, else 0.
        tracks: the bytes of each.
    """

    format: int
    division: int
    rate: float
    tracks: list[bytes]


def parse_file(data: bytes) -> MidiFile:
    """Finds the tracks of a file, which may be inside RIFF.

    Raises:
        Unusable: it is no MIDI file, has no time unit, or is cut short.
    """
    if len(data) > MAX_BYTES:
        raise Unusable(f"larger than {MAX_BYTES // 2**20} MB")
    start = data.find(b"MThd")  # RIFF or an old Macintosh header comes before
    if start < 0 or len(data) < start + 14:
        raise Unusable(_NOT_MIDI)
    length, kind, _, division = struct.unpack_from(">IHHH", data, start + 4)
    if length < 6 or kind > 2:
        raise Unusable(_NOT_MIDI)
    rate = 0.0
    if division & 0x8000:
        frames = 256 - (division >> 8)
        rate = (30 / 1.001 if frames == 29 else frames) * (division & 0xFF)
    if not (rate or division and not division & 0x8000):
        raise Unusable("no ticks to the beat")
    tracks = []
    offset = start + 8 + length
    while offset + 8 <= len(data):
        name, size = struct.unpack_from(">4sI", data, offset)
        if name == b"MThd":
            break  # another file after this one
        offset += 8
        if name == b"MTrk":
            if offset + size > len(data):
                raise Unusable("cut short")
            tracks.append(data[offset : offset + size])
        offset += size
    if not tracks:
        raise Unusable("no notes")
    return MidiFile(kind, division, rate, tracks)


def parse_events(track: bytes) -> Iterator[Event]:
    """Parses the channel messages and meta events of a track.

    System messages are skipped. The last event is the end of the track, even
    if the file lacks it.

    Raises:
        Unusable: it ends within an event, or begins with none.
    """
    tick, offset, running = 0, 0, 0
    try:
        while offset < len(track):
            delta, offset = _variable_length(track, offset)
            tick += delta
            status = track[offset]
            if status < 0x80:
                status = running  # also after meta events, as players do
            else:
                offset += 1
            if status == META:
                kind = track[offset]
                size, offset = _variable_length(track, offset + 1)
                if kind == _END_OF_TRACK:
                    break
                yield Event(tick, META, track[offset : offset + size], kind)
                offset += size
            elif status in _SYSEX:
                size, offset = _variable_length(track, offset)
                offset += size
            elif status > 0xF0:
                offset += _COMMON_BYTES.get(status, 0)
            elif status:
                running = status
                size = _DATA_BYTES[status >> 4]
                data = track[offset : offset + size]
                if len(data) < size:
                    raise IndexError
                yield Event(tick, status, data)
                offset += size
            else:
                raise Unusable(_NOT_MIDI)
    except IndexError:
        raise Unusable(_NOT_MIDI) from None
    yield Event(tick, META, b"", _END_OF_TRACK)


def _variable_length(data: bytes, offset: int) -> tuple[int, int]:
    """Returns a number of one to four bytes, and the offset after it."""
    value = 0
    for _ in range(4):
        byte = data[offset]
        offset += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, offset
    raise Unusable(_NOT_MIDI)

"""Reads MIDI files: tracks of notes, metres and keys. Times are in eighths."""

from collections import defaultdict
from fractions import Fraction
from itertools import chain, islice
from typing import NamedTuple

from seqapps.tasks.music.importers import smf
from seqapps.tasks.music.importers.timing import PlayedNote
from seqapps.tasks.music.notation import losses
from seqapps.tasks.music.notation.unusable import Unusable

_MAX_EVENTS = 200_000  # of a file
_DRUM_CHANNEL = 9  # counted from 0
_NAME, _TEMPO, _METER, _KEY = 0x03, 0x51, 0x58, 0x59  # meta events
_NOTE_OFF, _NOTE_ON, _PITCH_BEND = 8, 9, 14  # channel messages
_NO_BEND = b"\x00\x40"  # the pitch wheel at its centre
_DEFAULT_TEMPO = 500_000  # microseconds to the quarter note


class Track(NamedTuple):
    """The notes of one channel of one track.

    Args:
        name: of the track; may be empty.
        notes: in the order of their ends.
        meters: when each metre begins, and which it is.
        keys: sharps of each key signature, and whether it is minor.
        bent: whether its pitch is bent.
    """

    name: str
    notes: list[PlayedNote]
    meters: list[tuple[Fraction, str]]
    keys: list[tuple[int, bool]]
    bent: bool = False


class Song(NamedTuple):
    """The contents of a MIDI file.

    Args:
        title: the name of the first track; may be empty.
        tracks: those with notes.
        drums: whether there are drums.
        timing_loss: what to report if its times are no beats; else empty.
    """

    title: str
    tracks: list[Track]
    drums: bool
    timing_loss: str = ""


def read_midi(data: bytes) -> Song:
    """Reads a MIDI file of any format.

    Raises:
        Unusable: it is damaged, too large or no MIDI file.
    """
    file = smf.parse_file(data)
    parsed: list[list[smf.Event]] = []
    left = _MAX_EVENTS
    for track in file.tracks:
        parsed.append(list(islice(smf.parse_events(track), left + 1)))
        left -= len(parsed[-1])
        if left < 0:
            raise Unusable(f"more than {_MAX_EVENTS} events")
    eighth, timing_loss = _eighth(file, parsed)
    tracks: list[Track] = []
    title, drums = "", False
    meters: list[tuple[Fraction, str]] = []
    keys: list[tuple[int, bool]] = []
    for number, events in enumerate(parsed):
        if file.format == 2:  # each is a song of its own
            meters, keys = [], []
        name = ""
        for event in events:
            if event.status != smf.META:
                continue
            payload = event.data
            if event.kind == _METER and len(payload) >= 2:
                over, power = payload[:2]
                if over and power <= 6:
                    meters.append((event.tick / eighth, f"{over}/{2**power}"))
            elif event.kind == _KEY and len(payload) >= 2:
                sharps = (payload[0] + 128) % 256 - 128
                if abs(sharps) <= 7:
                    keys.append((sharps, payload[1] == 1))
            elif event.kind == _NAME:
                name = name or _decode(payload)
        title = title if number else name
        channels, bent = _channels(events, eighth)
        drums |= channels.pop(_DRUM_CHANNEL, None) is not None
        tracks += [
            Track(name, notes, meters, keys, channel in bent)
            for channel, notes in channels.items()
        ]
    return Song(title, tracks, drums, timing_loss)


def _eighth(
    file: smf.MidiFile, parsed: list[list[smf.Event]]
) -> tuple[Fraction, str]:
    """Returns the ticks of an eighth, and a loss if they are no beats."""
    if not file.rate:
        return Fraction(file.division, 2), ""
    for event in chain(*parsed):
        tempo = int.from_bytes(event.data)  # microseconds to the quarter
        if (event.status, event.kind) == (smf.META, _TEMPO) and tempo:
            loss = losses.SECONDS
            break
    else:
        tempo = _DEFAULT_TEMPO
        loss = f"{losses.SECONDS}, 120 beats a minute"
    ticks = Fraction(file.rate).limit_denominator(1001) * tempo / 2_000_000
    return ticks, loss


def _channels(
    events: list[smf.Event], eighth: Fraction
) -> tuple[dict[int, list[PlayedNote]], set[int]]:
    """Pairs the beginnings of notes with their ends.

    A note that begins again ends there; the end of the track ends all notes.

    Returns:
        The notes of each channel, and the channels whose pitch is bent.
    """
    channels: dict[int, list[PlayedNote]] = defaultdict(list)
    sounding: dict[tuple[int, int], int] = {}
    restarted: dict[tuple[int, int], int] = {}  # an end at this tick is late
    bent: set[int] = set()

    def end(key: tuple[int, int], tick: int) -> None:
        start = sounding.pop(key)
        if start < tick:
            note = PlayedNote(start / eighth, tick / eighth, key[1])
            channels[key[0]].append(note)

    for event in events:
        if event.status == smf.META:
            continue
        kind, channel = divmod(event.status, 16)
        if kind == _PITCH_BEND:
            bent |= {channel} if event.data != _NO_BEND else set()
        if kind not in (_NOTE_OFF, _NOTE_ON):
            continue
        pitch, velocity = (min(byte, 127) for byte in event.data)
        key = (channel, pitch)
        if kind == _NOTE_ON and velocity:
            if key in sounding:
                restarted[key] = event.tick
                end(key, event.tick)
            sounding[key] = event.tick
        elif key in sounding and restarted.pop(key, None) != event.tick:
            end(key, event.tick)
    for key in list(sounding):
        end(key, events[-1].tick)
    return channels, bent


def _decode(data: bytes) -> str:
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            pass
    return data.decode("latin-1")

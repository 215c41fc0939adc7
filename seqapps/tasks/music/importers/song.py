"""What a MIDI file says: tracks of notes, metres and keys."""

from collections import defaultdict
from fractions import Fraction
from itertools import chain, islice
from typing import NamedTuple

from seqapps.tasks.music.importers import smf
from seqapps.tasks.music.importers.timing import Played
from seqapps.tasks.music.notation.header import Unusable

SECONDS = "timed in seconds: beats are by the tempo"
_MOST = 200_000  # events of a file
_DRUMS = 9  # the channel, counted from 0
_NAME, _TEMPO, _METRE, _KEY = 0x03, 0x51, 0x58, 0x59  # meta events
_CENTRE = b"\x00\x40"  # of the pitch wheel


class Track(NamedTuple):
    """The notes of one channel of one track, with times in eighths.

    Args:
        name: of the track; may be empty.
        notes: in the order of their ends.
        meters: when a metre begins, and which.
        keys: sharps, and whether it is minor; one for every key signature.
        bent: whether its pitch is bent.
    """

    name: str
    notes: list[Played]
    meters: list[tuple[Fraction, str]]
    keys: list[tuple[int, bool]]
    bent: bool = False


class Song(NamedTuple):
    """What a MIDI file says.

    Args:
        title: the name of the first track; may be empty.
        tracks: those with notes.
        drums: whether there are drums.
        timed: what its times are by, where they are no beats.
    """

    title: str
    tracks: list[Track]
    drums: bool
    timed: str = ""


def read(data: bytes) -> Song:
    """Read a file of any format.

    Raises:
        Unusable: if it is damaged, too large or no MIDI file.
    """
    file = smf.read(data)
    parsed, left = [], _MOST
    for track in file.tracks:
        parsed.append(list(islice(smf.events(track), left + 1)))
        left -= len(parsed[-1])
        if left < 0:
            raise Unusable(f"more than {_MOST} events")
    eighth, timed = _eighth(file, parsed)
    tracks, title, drums = [], "", False
    meters: list[tuple[Fraction, str]] = []
    keys: list[tuple[int, bool]] = []
    for number, events in enumerate(parsed):
        if file.format == 2:  # each is a song of its own
            meters, keys = [], []
        name = ""
        for event in events:
            if event.status != smf.META:
                continue
            found = event.data
            if event.kind == _METRE and len(found) >= 2:
                over, power = found[:2]
                if over and power <= 6:
                    meters.append((event.tick / eighth, f"{over}/{2**power}"))
            elif event.kind == _KEY and len(found) >= 2:
                sharps = (found[0] + 128) % 256 - 128
                if abs(sharps) <= 7:
                    keys.append((sharps, found[1] == 1))
            elif event.kind == _NAME:
                name = name or _text(found)
        title = title if number else name
        channels, bent = _channels(events, eighth)
        drums |= channels.pop(_DRUMS, None) is not None
        tracks += [
            Track(name, notes, meters, keys, channel in bent)
            for channel, notes in channels.items()
        ]
    return Song(title, tracks, drums, timed)


def _eighth(
    file: smf.File, parsed: list[list[smf.Event]]
) -> tuple[Fraction, str]:
    """Ticks of an eighth, and what they are by where they are no beats."""
    if not file.rate:
        return Fraction(file.division, 2), ""
    for event in chain(*parsed):
        tempo = int.from_bytes(event.data)  # microseconds of a crotchet
        if (event.status, event.kind) == (smf.META, _TEMPO) and tempo:
            timed = SECONDS
            break
    else:
        tempo, timed = 500_000, f"{SECONDS}, 120 beats a minute"
    ticks = Fraction(file.rate).limit_denominator(1001) * tempo / 2_000_000
    return ticks, timed


def _channels(
    events: list[smf.Event], eighth: Fraction
) -> tuple[dict[int, list[Played]], set[int]]:
    """Pair the beginnings of notes with their ends.

    A note that is struck again ends there, and the end of the track ends all.

    Returns:
        The notes of each channel, and the channels whose pitch is bent.
    """
    channels: dict[int, list[Played]] = defaultdict(list)
    sounding: dict[tuple[int, int], int] = {}
    struck: dict[tuple[int, int], int] = {}  # again; an end then is late
    bent = set()

    def end(key: tuple[int, int], tick: int) -> None:
        start = sounding.pop(key)
        if start < tick:
            note = Played(start / eighth, tick / eighth, key[1])
            channels[key[0]].append(note)

    for event in events:
        if event.status == smf.META:
            continue
        kind, channel = divmod(event.status, 16)
        if kind == 14:
            bent |= {channel} if event.data != _CENTRE else set()
        if kind not in (8, 9):
            continue
        pitch, velocity = (min(byte, 127) for byte in event.data)
        key = (channel, pitch)
        if kind == 9 and velocity:
            if key in sounding:
                struck[key] = event.tick
                end(key, event.tick)
            sounding[key] = event.tick
        elif key in sounding and struck.pop(key, None) != event.tick:
            end(key, event.tick)
    for key in list(sounding):
        end(key, events[-1].tick)
    return channels, bent


def _text(data: bytes) -> str:
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            pass
    return data.decode("latin-1")

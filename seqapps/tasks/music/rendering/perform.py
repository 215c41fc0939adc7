"""Renders a tune as it is played: MIDI and sound."""

import io
from collections.abc import Iterator
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple

from seqapps import synthesis
from seqapps.tasks.music.notation import bars
from seqapps.tasks.music.notation.key_signature import fifths
from seqapps.tasks.music.notation.melody import expand_repeats, melody
from seqapps.tasks.music.notation.meter import beat
from seqapps.tasks.music.notation.tune import Tune
from seqapps.tasks.music.rendering.swing import swung_times
from seqapps.text import strings

FIDDLE = 110  # the General MIDI programme, counted from 0
_TICKS_PER_CROTCHET = 480
_KEYS = "Cb Gb Db Ab Eb Bb F C G D A E B F# C#".split()
_CROTCHETS_PER_MINUTE = {
    "2/2": 184,
    "2/4": 96,
    "3/2": 160,
    "3/4": 132,
    "3/8": 144,
    "4/4": 152,
}

_ACCENTED, _PLAIN = 104, 84  # velocities; the first note of a bar is accented
_DEFAULT_PACE, _COMPOUND_PACE = 132, 168  # crotchets a minute


class TimedNote(NamedTuple):
    """A note in time.

    Args:
        pitch: of MIDI.
        start: in whole notes.
        length: in whole notes.
    """

    pitch: int
    start: Fraction
    length: Fraction


def crotchets_per_minute(meter: str, tempo: str = "") -> Fraction:
    """Returns the pace of a tune.

    Args:
        meter: such as "6/8".
        tempo: `Tune.tempo`; empty for what suits the metre.

    Example:
        >>> crotchets_per_minute("6/8") * 2 / 3  # the beats of a jig
        Fraction(112, 1)
        >>> crotchets_per_minute("6/8", "3/8=120")
        Fraction(180, 1)
    """
    if tempo:
        length, _, count = tempo.partition("=")
        return 4 * Fraction(length) * int(count)
    compound = beat(meter) == Fraction(3, 8)
    default = _COMPOUND_PACE if compound else _DEFAULT_PACE
    return Fraction(_CROTCHETS_PER_MINUTE.get(meter, default))


def timed_notes(tune: Tune) -> Iterator[TimedNote]:
    """Yields the notes in time, once through: no repeat is played, no rests.

    Args:
        tune: its body may be any text of canonical tokens.
    """
    start = Fraction(0)
    for pitch, length in melody(tune):
        if pitch is not None and length:
            yield TimedNote(min(max(pitch, 0), 127), start, length)
        start += length


def bar_starts(tune: Tune) -> list[Fraction]:
    """Returns where bars begin, once through, in whole notes, and the end."""
    return list(accumulate(bars.durations(tune.body), initial=Fraction(0)))


def render_midi(tune: Tune) -> bytes:
    """Returns a MIDI file of one track, with the repeats played.

    A pick-up has a metre of its own, so that bar lines fall right in other
    programs.

    Args:
        tune: its body may be any text of canonical tokens.
    """
    import mido

    unrolled = expand_repeats(tune)
    starts = bar_starts(unrolled)
    title = strings.to_valid_utf8(tune.title)
    crotchets = crotchets_per_minute(tune.meter, tune.tempo)
    microseconds = round(60_000_000 / crotchets)  # of a crotchet
    program = FIDDLE if tune.program is None else tune.program
    key = _KEYS[fifths(tune.key, tune.mode) + 7]
    if tune.mode == "minor":
        key = f"{tune.key}m"
    whole = Fraction(tune.meter)
    beats, unit = map(int, tune.meter.split("/"))
    meter = mido.MetaMessage(
        "time_signature", numerator=beats, denominator=unit
    )
    events = [
        (0, mido.MetaMessage("track_name", name=title)),
        (0, mido.MetaMessage("set_tempo", tempo=microseconds)),
        (0, mido.MetaMessage("key_signature", key=key)),
        (0, mido.Message("program_change", program=program)),
    ]
    first = starts[1] if len(starts) > 1 else whole
    if first < whole and 64 % first.denominator == 0:
        pickup = meter.copy(
            numerator=first.numerator, denominator=first.denominator
        )
        events += [(0, pickup), (_tick(first), meter)]
    else:
        events.append((0, meter))
    notes = list(timed_notes(unrolled))
    played = swung_times(unrolled, [note.start for note in notes])
    for pitch, start, length in notes:
        velocity = _ACCENTED if start in starts else _PLAIN
        on = mido.Message("note_on", note=pitch, velocity=velocity)
        off = mido.Message("note_off", note=pitch, velocity=0)
        begin, end = (played.get(t, t) for t in (start, start + length))
        events += [(_tick(begin), on), (_tick(end), off)]
    # a note ends before the next one begins
    events.sort(key=lambda e: (e[0], e[1].type == "note_on"))
    track = mido.MidiTrack()
    before = 0
    for tick, message in events:
        track.append(message.copy(time=tick - before))
        before = tick
    # time for the last note to die away
    track.append(mido.MetaMessage("end_of_track", time=2 * _TICKS_PER_CROTCHET))
    file = mido.MidiFile(
        ticks_per_beat=_TICKS_PER_CROTCHET,
        tracks=[track],
        type=0,
        charset="utf-8",
    )
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


def _tick(time: Fraction) -> int:
    return round(time * 4 * _TICKS_PER_CROTCHET)


def render_wav(tune: Tune) -> bytes:
    """Returns a WAV file with the repeats played: 48 kHz, 16 bits, stereo.

    Args:
        tune: its body may be any text of canonical tokens.
    """
    return synthesis.render_wav(render_midi(tune))


def render_opus(tune: Tune) -> bytes:
    """Returns Opus in Ogg with the repeats played: mono, about 4 kB a second.

    Args:
        tune: its body may be any text of canonical tokens.
    """
    return synthesis.render_opus(render_midi(tune))

"""Renders a chorale as MIDI, a track for each voice."""

import io

from seqapps.tasks.chorale.notation.chorale import PER_CROTCHET, VOICES, Chorale
from seqapps.text import strings

_TICKS = 480  # of a crotchet
_VELOCITIES = (92, 76, 76, 86)  # the outer voices lead
_KEYS = "Cb Gb Db Ab Eb Bb F C G D A E B F# C#".split()


def render_midi(
    chorale: Chorale, *, tempo: int, programs: tuple[int, ...]
) -> bytes:
    """Returns a MIDI file: a track of tempo, metre and key, then the voices.

    Args:
        chorale: complete.
        tempo: crotchets a minute.
        programs: of General MIDI, of each voice, counted from 0.
    """
    import mido

    beats, unit = map(int, chorale.meter.split("/"))
    meta = mido.MetaMessage
    meter = meta("time_signature", numerator=beats, denominator=unit)
    head = [
        meta("track_name", name=strings.to_valid_utf8(chorale.title)),
        meta("set_tempo", tempo=round(60_000_000 / tempo)),
        meta("key_signature", key=_KEYS[chorale.sharps + 7]),
    ]
    if chorale.pickup:  # a metre of its own: bar lines fall right elsewhere
        head.append(
            meter.copy(numerator=chorale.pickup, denominator=16, time=0)
        )
        meter = meter.copy(time=_tick(chorale.pickup))
    tracks = [mido.MidiTrack([*head, meter])]
    for voice, name in enumerate(VOICES):
        events = [
            (0, 0, meta("track_name", name=name.capitalize())),
            (
                0,
                0,
                mido.Message(
                    "program_change", program=programs[voice], channel=voice
                ),
            ),
        ]
        for note in chorale.notes(voice):
            if note.pitch is None:
                continue
            on = mido.Message(
                "note_on",
                note=note.pitch,
                velocity=_VELOCITIES[voice],
                channel=voice,
            )
            off = mido.Message("note_off", note=note.pitch, channel=voice)
            events.append((_tick(note.start), 2, on))
            events.append((_tick(note.start + note.length), 1, off))
        events.sort(key=lambda event: event[:2])
        track, before = mido.MidiTrack(), 0
        for tick, _, message in events:
            track.append(message.copy(time=tick - before))
            before = tick
        # time for the last chord to die away
        track.append(meta("end_of_track", time=2 * _TICKS))
        tracks.append(track)
    file = mido.MidiFile(
        type=1, ticks_per_beat=_TICKS, tracks=tracks, charset="utf-8"
    )
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


def _tick(step: int) -> int:
    return step * _TICKS // PER_CROTCHET

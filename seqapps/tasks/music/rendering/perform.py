"""A tune as it is played: when each note sounds, MIDI, and sound."""

import importlib.util
import io
import wave
import zlib
from collections.abc import Iterator
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import numpy as np

from seqapps.tasks.music.notation import bars
from seqapps.tasks.music.notation.header import fifths
from seqapps.tasks.music.notation.melody import melody, played
from seqapps.tasks.music.notation.tune import Tune
from seqapps.text import strings

FIDDLE = 110  # the General MIDI programme, counted from 0
_TICKS = 480  # to the crotchet
_KEYS = "Cb Gb Db Ab Eb Bb F C G D A E B F# C#".split()
_CROTCHETS = {  # a minute
    "2/2": 184,
    "2/4": 96,
    "3/2": 160,
    "3/4": 132,
    "3/8": 144,
    "4/4": 152,
}

# the bits of each byte from last to first
_MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))

Timed = tuple[int, Fraction, Fraction]  # MIDI pitch, start, length


def tempo(meter: str, asked: str = "") -> Fraction:
    """Crotchets a minute.

    Args:
        meter: such as "6/8".
        asked: `Tune.tempo`; empty for what suits the metre.

    Example:
        >>> tempo("6/8") * 2 / 3  # the dotted crotchets of a jig
        Fraction(112, 1)
        >>> tempo("6/8", "3/8=120")
        Fraction(180, 1)
    """
    if asked:
        length, _, count = asked.partition("=")
        return 4 * Fraction(length) * int(count)
    over, under = map(int, meter.split("/"))
    compound = under == 8 and over % 3 == 0
    return Fraction(_CROTCHETS.get(meter, 168 if compound else 132))


def timed(tune: Tune) -> Iterator[Timed]:
    """The notes, once through, with the times they start; no rests.

    Args:
        tune: its body may be any text of canonical tokens.

    Yields:
        MIDI pitch, start and length, in whole notes.
    """
    start = Fraction(0)
    for pitch, length in melody(tune):
        if pitch is not None and length:
            yield min(max(pitch, 0), 127), start, length
        start += length


def bar_starts(tune: Tune) -> list[Fraction]:
    """Where each bar begins, once through, in whole notes; and the end."""
    return list(accumulate(bars.durations(tune.body), initial=Fraction(0)))


def midi(tune: Tune) -> bytes:
    """The tune as it is played, as a MIDI file.

    A pick-up has a metre of its own, so that bar lines fall right in other
    programs.

    Args:
        tune: its body may be any text of canonical tokens.

    Returns:
        A file of one track.
    """
    import mido

    play = played(tune)
    starts = bar_starts(play)
    title = strings.clean(tune.title)
    pace = round(60_000_000 / tempo(tune.meter, tune.tempo))  # microseconds
    program = FIDDLE if tune.program is None else tune.program
    key = _KEYS[fifths(tune.key, tune.mode) + 7]
    if tune.mode == "minor":
        key = f"{tune.key}m"
    whole = Fraction(tune.meter)
    over, under = map(int, tune.meter.split("/"))
    metre = mido.MetaMessage(
        "time_signature", numerator=over, denominator=under
    )
    events = [
        (0, mido.MetaMessage("track_name", name=title)),
        (0, mido.MetaMessage("set_tempo", tempo=pace)),
        (0, mido.MetaMessage("key_signature", key=key)),
        (0, mido.Message("program_change", program=program)),
    ]
    first = starts[1] if len(starts) > 1 else whole
    if first < whole and 64 % first.denominator == 0:
        short = metre.copy(
            numerator=first.numerator, denominator=first.denominator
        )
        events += [(0, short), (_tick(first), metre)]
    else:
        events.append((0, metre))
    for pitch, start, length in timed(play):
        loud = 104 if start in starts else 84
        on = mido.Message("note_on", note=pitch, velocity=loud)
        off = mido.Message("note_off", note=pitch, velocity=0)
        events += [(_tick(start), on), (_tick(start + length), off)]
    # a note ends before the next one begins
    events.sort(key=lambda e: (e[0], e[1].type == "note_on"))
    track = mido.MidiTrack()
    before = 0
    for tick, message in events:
        track.append(message.copy(time=tick - before))
        before = tick
    # time for the last note to die away
    track.append(mido.MetaMessage("end_of_track", time=2 * _TICKS))
    file = mido.MidiFile(
        ticks_per_beat=_TICKS, tracks=[track], type=0, charset="utf-8"
    )
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()


def _tick(time: Fraction) -> int:
    return round(time * 4 * _TICKS)


def sound(tune: Tune) -> bytes:
    """The tune as it is played: a WAV file, 48 kHz, 16 bits, stereo.

    Args:
        tune: its body may be any text of canonical tokens.
    """
    import midirenderer

    spec = importlib.util.find_spec("pretty_midi")  # it carries a soundfont
    font = Path(spec.submodule_search_locations[0], "TimGM6mb.sf2")
    raw = midirenderer.render_wave_from(font.read_bytes(), midi(tune))
    with wave.open(io.BytesIO(raw)) as file:
        form = file.getparams()
        frames = file.readframes(form.nframes)
    samples = np.frombuffer(frames, "<i2").astype(np.float32)
    # the soundfont is quiet: raise its peak to nine tenths of what there is
    samples *= 0.9 * 32767 / max(1, np.abs(samples).max(initial=0))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams(form)
        file.writeframes(samples.astype("<i2").tobytes())
    return out.getvalue()


def opus(tune: Tune) -> bytes:
    """The tune as it is played: Opus in Ogg, mono, about 4 kB a second.

    Args:
        tune: its body may be any text of canonical tokens.
    """
    import soundfile

    # midirenderer's own Opus is noise below its highest rate (0.1.3)
    samples, rate = soundfile.read(io.BytesIO(sound(tune)), dtype="float32")
    out = io.BytesIO()
    soundfile.write(
        out,
        samples.mean(axis=1),
        rate,
        format="OGG",
        subtype="OPUS",
        compression_level=0.9,  # 33 kbit/s
    )
    return _repeatable(out.getvalue())


def _repeatable(ogg: bytes) -> bytes:
    """The same stream under number 0: libsndfile numbers it by the clock."""
    out = bytearray(ogg)
    page = 0
    while page < len(out):
        body = page + 27 + out[page + 26]
        end = body + sum(out[page + 27 : body])
        out[page + 14 : page + 18] = out[page + 22 : page + 26] = bytes(4)
        # Ogg's checksum is that of zip with every bit the other way round
        mirrored = out[page:end].translate(_MIRROR)
        checksum = zlib.crc32(mirrored, 0xFFFFFFFF) ^ 0xFFFFFFFF
        checked = checksum.to_bytes(4, "big").translate(_MIRROR)
        out[page + 22 : page + 26] = checked
        page = end
    return bytes(out)

"""Extracts the melody of a MIDI song, in bars. Times are in eighths."""

import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from seqapps.tasks.music.importers import melody_part, timing
from seqapps.tasks.music.importers.draft import (
    MAX_NOTES,
    Bar,
    Draft,
    SpelledNote,
)
from seqapps.tasks.music.importers.grid import STEP
from seqapps.tasks.music.importers.midi import Song, Track
from seqapps.tasks.music.importers.skyline import skyline
from seqapps.tasks.music.importers.timing import PlayedNote, QuantizedLine
from seqapps.tasks.music.notation import losses, tonality
from seqapps.tasks.music.notation.key_signature import fifths
from seqapps.tasks.music.notation.losses import Losses
from seqapps.tasks.music.notation.meter import bar_length, parse_meter
from seqapps.tasks.music.notation.unusable import Unusable

_MAX_BARS = 2000  # damaged files have silences of millions
_MELODY = re.compile("melod|vocal|voice|lead|sopran", re.IGNORECASE)


def draft_from_song(
    song: Song, complete: bool = True, track: str = ""
) -> Draft:
    """Extracts the melody of a song.

    Args:
        song: the contents of a MIDI file.
        complete: whether to fill up the last bar; False if the melody is to
            be continued.
        track: number or name of the track with the melody; empty: the one
            that looks most like it.

    Raises:
        Unusable: there is no melody in one metre and one key.
    """
    if not song.tracks:
        raise Unusable("only drums" if song.drums else "no notes")
    index, choice = melody_part.choose_part(
        "track", [t.name for t in song.tracks], track, lambda: _melody(song)
    )
    chosen = song.tracks[index]
    notes = chosen.notes
    if len(notes) > MAX_NOTES:
        raise Unusable(f"more than {MAX_NOTES} notes")
    meter, pick_up = _meter(chosen.meters, max(n.end for n in notes))
    full_bar = bar_length(meter)
    first = min(n.start for n in notes)
    if max(n.end for n in notes) - first > _MAX_BARS * full_bar:
        raise Unusable("too long")
    shift = full_bar - pick_up if pick_up else Fraction(0)
    line = timing.quantize(
        [PlayedNote(n.start + shift, n.end + shift, n.pitch) for n in notes],
        full_bar,
        pick_up,
    )
    key, mode = _key(
        chosen.keys, [(n.pitch, n.end - n.start) for n in line.notes]
    )
    sharps = fifths(key, mode)
    spelled = [
        SpelledNote(n.start, n.end, *tonality.spell_midi_pitch(n.pitch, sharps))
        for n in line.notes
    ]
    end = line.end if complete else line.notes[-1].end
    bars = list(_bars(line.start, end, full_bar))
    if not bars:  # each note is shorter than half a sixteenth
        raise Unusable("no notes")
    if not complete:
        bars[-1] = bars[-1]._replace(cut_off=bool(end % full_bar))
    dropped = _losses(song, chosen, line)
    return Draft(song.title, key, mode, meter, spelled, bars, dropped, choice)


def _losses(song: Song, track: Track, line: QuantizedLine) -> Losses:
    has_lost = {
        losses.PARTS: len(song.tracks) > 1 or song.drums,
        losses.CHORDS: line.chords,
        losses.SHORT: line.short,
        losses.MOVED: line.moved > 0,
        losses.BENDS: track.bent,
        song.timing_loss: bool(song.timing_loss),
        losses.NO_METER: not track.meters,
        losses.NO_KEY: not track.keys,
    }
    dropped: Losses = {loss: 0 for loss, is_so in has_lost.items() if is_so}
    if line.moved:
        dropped[losses.MOVED] = line.moved / 2  # eighths to beats
    return dropped


def _melody(song: Song) -> int:
    """Returns the index of the track that looks most like the melody."""
    sizes = [len({n.start for n in track.notes}) for track in song.tracks]
    full = [i for i, size in enumerate(sizes) if 2 * size >= max(sizes)]
    named = [i for i in full if _MELODY.search(song.tracks[i].name)]
    return max(named or full, key=lambda i: _mean_pitch(song.tracks[i].notes))


def _mean_pitch(notes: list[PlayedNote]) -> float:
    pitches = [n.pitch for n in skyline(notes, slack=STEP)]
    return sum(pitches) / len(pitches)


def _meter(
    meters: list[tuple[Fraction, str]], end: Fraction
) -> tuple[str, Fraction]:
    """Returns the one metre of a song, and the length of its pick-up.

    Programs write a pick-up, and the short bar before another one, as metres
    of their own. That is no change as long as bar lines stay where they were.

    Args:
        meters: when each begins, and which it is.
        end: when the music ends.

    Raises:
        Unusable: the metre changes.
    """
    by_start = dict(sorted(m for m in meters if m[0] < end))
    if not by_start:
        return "4/4", Fraction(0)
    total: Counter[str] = Counter()
    edges = pairwise([*by_start.items(), (end, "")])
    spans = [(meter, after - time) for (time, meter), (after, _) in edges]
    for meter, span in spans:
        total[meter] += span  # type: ignore[assignment]
    main = total.most_common(1)[0][0]
    full_bar = bar_length(parse_meter(main))
    starts = [time for time, meter in by_start.items() if meter == main]
    long = any(meter != main and span >= full_bar for meter, span in spans)
    if long or any((b - a) % full_bar for a, b in pairwise(starts)):
        raise Unusable("changes key or metre")
    pick_up = starts[0] % full_bar
    return main, pick_up if pick_up >= STEP else Fraction(0)


def _key(
    keys: list[tuple[int, bool]], notes: list[tuple[int, Fraction]]
) -> tuple[str, str]:
    """Returns tonic and mode.

    Most programs call every signature major, and write C major where they
    know none: so both are checked against the notes.

    Args:
        keys: sharps of each signature, and whether it is minor.
        notes: MIDI pitches with their lengths.

    Raises:
        Unusable: the key changes.
    """
    if len({sharps for sharps, _ in keys}) > 1:
        raise Unusable("changes key or metre")
    if not keys:
        return tonality.estimate_key(notes)
    sharps, minor = keys[0]
    if minor:
        return tonality.tonic_of(sharps, -3), "minor"
    time: Counter[int] = Counter()
    for pitch, length in notes:
        time[pitch % 12] += length  # type: ignore[assignment]
    # F# more than F, or Bb more than B, by a fiftieth of the time
    raised, lowered = time[6] - 2 * time[5], time[10] - 2 * time[11]
    unlikely = max(raised, lowered) * 50 > time.total()
    known = None if unlikely and not sharps else sharps
    return tonality.estimate_key(notes, known)


def _bars(start: Fraction, end: Fraction, full_bar: Fraction) -> Iterator[Bar]:
    while start < end:
        after = (start // full_bar + 1) * full_bar
        yield Bar(start, min(after, end))
        start = after

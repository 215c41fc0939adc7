"""Sound of MIDI by the General MIDI soundfont, and its instruments."""

import difflib
import importlib.util
import io
import wave
import zlib
from pathlib import Path

import numpy as np

from seqapps.errors import InputError

# each byte with its bits in reverse order
_REVERSED_BITS = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def render_wav(midi: bytes) -> bytes:
    """Returns a WAV file: 48 kHz, 16 bits, stereo.

    Args:
        midi: a standard MIDI file.
    """
    import midirenderer

    soundfont = _soundfont().read_bytes()
    wav = midirenderer.render_wave_from(soundfont, midi)
    with wave.open(io.BytesIO(wav)) as file:
        parameters = file.getparams()
        frames = file.readframes(parameters.nframes)
    samples = np.frombuffer(frames, "<i2").astype(np.float32)
    # the soundfont is quiet: raise its peak to nine tenths of the range
    samples *= 0.9 * 32767 / max(1, np.abs(samples).max(initial=0))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams(parameters)
        file.writeframes(samples.astype("<i2").tobytes())
    return out.getvalue()


def _soundfont() -> Path:
    """Returns the path of the soundfont that pretty_midi carries."""
    spec = importlib.util.find_spec("pretty_midi")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("pretty_midi is not installed")
    return Path(spec.submodule_search_locations[0], "TimGM6mb.sf2")


def render_opus(midi: bytes) -> bytes:
    """Returns Opus in Ogg: mono, about 4 kB a second.

    Args:
        midi: a standard MIDI file.
    """
    import soundfile

    # midirenderer's own Opus is noise below its highest rate (0.1.3)
    samples, rate = soundfile.read(
        io.BytesIO(render_wav(midi)), dtype="float32"
    )
    out = io.BytesIO()
    soundfile.write(
        out,
        samples.mean(axis=1),
        rate,
        format="OGG",
        subtype="OPUS",
        compression_level=0.9,  # 33 kbit/s
    )
    return _with_serial_number_zero(out.getvalue())


def _with_serial_number_zero(ogg: bytes) -> bytes:
    """Returns the same for the same sound: libsndfile numbers by the clock."""
    out = bytearray(ogg)
    page = 0
    while page < len(out):
        body = page + 27 + out[page + 26]
        end = body + sum(out[page + 27 : body])
        out[page + 14 : page + 18] = out[page + 22 : page + 26] = bytes(4)
        # Ogg's checksum is that of zip with the bits of each byte reversed
        reversed_ = out[page:end].translate(_REVERSED_BITS)
        checksum = zlib.crc32(reversed_, 0xFFFFFFFF) ^ 0xFFFFFFFF
        checksum_bytes = checksum.to_bytes(4, "big").translate(_REVERSED_BITS)
        out[page + 22 : page + 26] = checksum_bytes
        page = end
    return bytes(out)


def parse_instrument(text: str) -> int | None:
    """Returns the General MIDI programme of an instrument, counted from 0.

    Args:
        text: its name, or a part that no other name has; empty for none.

    Raises:
        InputError: there is none, or there are several.

    Example:
        >>> tuple(map(parse_instrument, ["flute", "Pan Flute", "banjo"]))
        (73, 75, 105)
    """
    from pretty_midi import constants

    names = list(constants.INSTRUMENT_MAP)
    word = " ".join(text.lower().split())
    if not word:
        return None
    exact = [i for i, name in enumerate(names) if name.lower() == word]
    partial = [i for i, name in enumerate(names) if word in name.lower()]
    if len(exact or partial) == 1:
        return (exact or partial)[0]
    by_lower = {name.lower(): name for name in names}
    close = difflib.get_close_matches(word, by_lower, 3)
    suggestions = [names[i] for i in partial] or [by_lower[n] for n in close]
    hint = (
        f"did you mean {' or '.join(suggestions)}?"
        if suggestions
        else ("give a name of General MIDI, such as Flute or Accordion")
    )
    raise InputError(f"unknown instrument {text}: {hint}")

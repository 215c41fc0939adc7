"""Files of ABC: bytes to tunes, to tokens, and back to text."""

import tempfile
from pathlib import Path

from seqapps.errors import InputError
from seqapps.tasks.music.importers import reader
from seqapps.tasks.music.notation import abc, spelling
from seqapps.tasks.music.notation.accidentals import explicit_accidentals
from seqapps.tasks.music.notation.melody import expand_repeats, melody
from seqapps.tasks.music.rendering.layout import beamed


def read(data: bytes) -> None:
    """Reads all tunes and the first as a primer; what we write we read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tunes.abc")
        path.write_bytes(data)
        try:
            primer, _ = reader.load_primer(path)
        except InputError:
            primer = None
        tunes, _ = reader.load_tunes(path)
    for tune in tunes.values():
        assert not abc.find_problems(tune.meter, tune.body)
        assert abc.normalise(tune.abc()) == tune, tune
        assert abc.parse_canonical(tune.abc()).body == tune.body
        assert melody(tune)
        expand_repeats(tune)
        lines = beamed(tune.meter, explicit_accidentals(tune))
        again = abc.normalise(tune.abc(1, lines))
        assert melody(again) == melody(tune), tune
        for token in tune.body.split():
            degree = spelling.to_c(token, tune.key, tune.mode)
            if degree is not None:
                back = spelling.from_c(degree, tune.key, tune.mode)
                assert back == token, (token, tune.key, tune.mode)
    if primer:
        assert reader.parse_fragment(primer.abc())[0] == primer, primer

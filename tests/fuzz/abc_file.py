"""Files of ABC: bytes to tunes, to tokens, and back to text."""

import tempfile
from pathlib import Path

from seqapps.errors import InputError
from seqapps.tasks.music.importers import reader
from seqapps.tasks.music.notation import abc, spelling
from seqapps.tasks.music.notation.accidentals import explicit
from seqapps.tasks.music.notation.melody import melody, played
from seqapps.tasks.music.rendering.layout import beamed


def read(data: bytes) -> None:
    """Reads all tunes and the first as a primer; what we write we read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tunes.abc")
        path.write_bytes(data)
        try:
            begun, _ = reader.primer(path)
        except InputError:
            begun = None
        tunes, _ = reader.tunes(path)
    for tune in tunes.values():
        assert not abc.problems(tune.meter, tune.body)
        assert abc.normalise(tune.abc()) == tune, tune
        assert abc.read(tune.abc()).body == tune.body
        assert melody(tune)
        played(tune)
        lines = beamed(tune.meter, explicit(tune))
        again = abc.normalise(tune.abc(1, lines))
        assert melody(again) == melody(tune), tune
        for token in tune.body.split():
            degree = spelling.relative(token, tune.key, tune.mode)
            if degree is not None:
                back = spelling.absolute(degree, tune.key, tune.mode)
                assert back == token, (token, tune.key, tune.mode)
    if begun:
        assert reader.fragment(begun.abc())[0] == begun, begun

"""Music that people have collected, in the folder beside the project."""

from pathlib import Path

import pytest

from seqapps.tasks.music.importers import reader
from seqapps.tasks.music.notation import abc

DATA = Path(__file__).parents[2] / "shared" / "data" / "music"

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"there is no {DATA}"),
]


@pytest.mark.parametrize(
    "name, tunes, share", [("irish.abc", 817, 0.9), ("nottingham", 1034, 0.85)]
)
def test_most_of_a_collection_is_usable(name, tunes, share):
    usable, account = reader.load_tunes(DATA / name)
    assert account["usable"] == len(usable)
    assert share * tunes < len(usable) <= tunes
    assert len(usable) + len(account["left_out"]) >= 0.95 * tunes
    for tune in list(usable.values())[::29]:
        assert abc.find_problems(tune.meter, tune.body) == []
        assert abc.normalise(tune.abc()) == tune

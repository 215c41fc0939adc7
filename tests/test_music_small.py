"""Folders of few tunes: no split is empty, or one line says why."""

import random

import pytest

from seqapps.errors import InputError
from seqapps.tasks import music

NOTES = "GABcdefg"
METERS = {"6/8": 6, "4/4": 8, "3/4": 6}


def tune(draw, number, meter, key):
    def bar():
        return "".join(draw.choice(NOTES) for _ in range(METERS[meter]))

    body = "|".join(bar() for _ in range(8))
    return f"X:{number}\nT:T\nM:{meter}\nL:1/8\nK:{key}\n{body}|]\n"


@pytest.mark.parametrize("seed", range(8))
def test_splits_of_a_small_folder_are_not_empty(tmp_path, seed):
    draw = random.Random(seed)
    count = 2 + seed
    for number in range(count):
        meter, key = draw.choice([*METERS]), draw.choice(["G", "Ador", "Em"])
        text = tune(draw, number, meter, key)
        (tmp_path / f"{number}.abc").write_text(text, "utf-8")
    (tmp_path / "broken.abc").write_text("X:1\nK:G\nwhat?\n", "utf-8")
    try:
        data = music.load_data(path=tmp_path, batch_size=2)
    except InputError as error:
        assert "\n" not in str(error) and "tune" in str(error)
        assert count < 8
        return
    assert all(data.examples[n] for n in ("train", "validation", "test"))


def test_three_tunes_of_three_metres_are_one_line(tmp_path):
    draw = random.Random(0)
    for number, meter in enumerate(METERS):
        text = tune(draw, number, meter, "G")
        (tmp_path / f"{number}.abc").write_text(text, "utf-8")
    with pytest.raises(InputError, match="modes and metres"):
        music.load_data(path=tmp_path)


def test_ten_tunes_of_three_metres_can_be_split(tmp_path):
    draw = random.Random(1)
    for number in range(10):
        text = tune(draw, number, [*METERS][number % 3], "G")
        (tmp_path / f"{number}.abc").write_text(text, "utf-8")
    data = music.load_data(path=tmp_path, batch_size=2)
    splits = [data.examples[n] for n in ("train", "validation", "test")]
    assert all(splits) and sum(map(len, splits)) == 10

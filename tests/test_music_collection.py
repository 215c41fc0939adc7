import random
import socket

import pytest

from seqapps import likeness
from seqapps.errors import InputError
from seqapps.tasks.music import collection
from seqapps.tasks.music.evaluation.contours import contour
from seqapps.tasks.music.notation import abc
from seqapps.tasks.music.notation.unusable import DUPLICATE

SPLITS = ("train", "validation", "test")


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("tfds")


@pytest.fixture(scope="session")
def aird(data_dir):
    return collection.prepare("aird", data_dir)


@pytest.fixture(scope="session")
def examples(aird):
    return {
        name: list(aird.as_dataset(split=name).as_numpy_iterator())
        for name in SPLITS
    }


def test_every_usable_tune_is_in_one_split(aird, examples):
    counts = collection.account(aird)
    assert counts == {
        "aird": {
            "usable": 1151,
            "the same as another": 1,
            "several voices": 11,
            "bars that do not add up": 9,
            "changes key or metre": 4,
            "unusual key": 2,
            "unusual duration": 2,
        }
    }
    texts = [e["abc"] for name in SPLITS for e in examples[name]]
    assert len(texts) == len(set(texts)) == 1151
    shares = [len(examples[name]) / 1151 for name in SPLITS]
    assert shares == pytest.approx([0.9, 0.05, 0.05], abs=0.04)


def test_an_example_says_what_its_header_says(examples):
    for example in examples["test"]:
        text = {name: value.decode() for name, value in example.items()}
        tune = abc.normalise(text["abc"], strict=True)
        assert tune.abc() == text["abc"]
        assert (tune.key, tune.mode, tune.meter, tune.title) == (
            text["key"],
            text["mode"],
            text["meter"],
            text["title"],
        )
        assert text["source"] == "aird"


def test_no_run_of_notes_straddles(examples):
    runs = {}
    for name in SPLITS:
        for example in examples[name]:
            body = abc.normalise(example["abc"].decode()).body
            steps = contour(body)
            for run in likeness.runs(steps, likeness.RUN):
                assert runs.setdefault(run, name) == name


def test_what_is_there_is_not_made_again(aird, data_dir, monkeypatch, capfd):
    def fail(*_):
        raise AssertionError("the collection was read again")

    monkeypatch.setattr(collection, "load_sources", fail)
    again = collection.prepare("aird", data_dir)
    assert collection.account(again) == collection.account(aird)
    assert again.info.splits["train"].num_examples > 990
    assert capfd.readouterr() == ("", "")


def test_preparing_is_quiet_and_needs_no_network(tmp_path, monkeypatch, capsys):
    head = "X:1\nM:C|\nL:1/8\nK:G\n"
    draw = random.Random(0)
    right = [
        head + "|".join("".join(draw.choices("GABcde", k=8)) for _ in range(4))
        for _ in range(60)
    ]
    text = "\n\n".join([*right, head + "GABc|d8|e8|f8|c|d8"])

    def refuse(*_, **__):
        raise AssertionError("it calls somebody")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(collection, "_files", lambda _: ["a file"])
    monkeypatch.setattr(collection, "_read_text", lambda _: text)
    builder = collection.prepare("ryan", tmp_path)
    assert collection.account(builder) == {
        "ryan": {"usable": 60, "bars that do not add up": 1}
    }
    assert capsys.readouterr() == ("", "")


def test_the_same_tune_twice_is_used_once(monkeypatch):
    tune = "X:1\nT:{}\nM:C\nL:1/8\nK:G\n{}8|A8|B8|c8|]"
    text = "\n\n".join(
        tune.format(*pair) for pair in (("a", "G"), ("b", "G"), ("c", "D"))
    )
    monkeypatch.setattr(collection, "_files", lambda _: ["f"])
    monkeypatch.setattr(collection, "_read_text", lambda _: text)
    tunes, counts = collection.load_sources(("oneill",))
    assert [t.title for t in tunes.values()] == ["a", "c"]
    assert counts == {"oneill": {"usable": 2, DUPLICATE: 1}}


def tunes(seed, n):
    draw = random.Random(seed)
    return [" ".join(draw.choices("CDEFGABcdefg", k=40)) for _ in range(n)]


def test_splits_do_not_depend_on_order():
    bodies = tunes(0, 200)
    bodies[7] = bodies[3]
    names = [f"n{i}" for i in range(200)]
    by_name = dict(
        zip(names, collection.assign_splits(bodies, names), strict=True)
    )
    order = random.Random(1).sample(range(200), 200)
    again = collection.assign_splits(
        [bodies[i] for i in order], [names[i] for i in order]
    )
    assert [by_name[names[i]] for i in order] == again
    assert by_name["n7"] == by_name["n3"]
    # by a hash that is the same everywhere
    sizes = [list(by_name.values()).count(name) for name in SPLITS]
    assert sizes == [182, 6, 12]


def test_likeness_is_blind_to_key_length_and_mode():
    first, other = tunes(2, 2)
    higher = first.translate(str.maketrans("CDEFGABcdefg", "DEFGABcdefga"))
    doubled = " ".join(note + "2" for note in first.split())
    tied = first.replace("C ", "C/2- | C/2 ")
    part = " ".join(first.split()[10:30])
    less = " ".join(first.split()[10:29] + ["g'"] * 30)
    clusters = likeness.cluster(
        [
            contour(body)
            for body in (other, first, higher, doubled, tied, part, less)
        ]
    )
    assert clusters[:6] == [0, 1, 1, 1, 1, 1]


def test_few_shared_notes_do_not_join():
    first, other = (tune.split() for tune in tunes(4, 2))
    for shared, joined in ((11, False), (12, False), (20, True)):
        long = first + tunes(5, 1)[0].split()
        mixed = first[:shared] + other + tunes(6, 1)[0].split()
        clusters = likeness.cluster(
            [contour(" ".join(notes)) for notes in (long, mixed)]
        )
        assert (clusters == [0, 0]) == joined, shared


def test_many_shared_figures_join():
    first, other = (tune.split() for tune in tunes(4, 2))
    # two runs of 18 notes: too short each, together a third of the figures
    mixed = first[:18] + other[:4] + first[20:38]
    contours = [contour(" ".join(n)) for n in (first, mixed)]
    assert likeness.cluster(contours) == [0, 0]
    assert not likeness.runs(contours[0], 20) & likeness.runs(contours[1], 20)


def test_short_tunes_join_whole():
    bodies = ["C D E F", "G A B c", "C D E E"]
    contours = [contour(body) for body in bodies]
    assert likeness.cluster(contours) == [0, 0, 2]


def test_another_name_is_refused(tmp_path):
    with pytest.raises(InputError, match="'irish'; there are: fiddle, oneill"):
        collection.prepare("irish", tmp_path)


def test_without_music21(monkeypatch, tmp_path):
    monkeypatch.setattr(collection.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(InputError, match="music21 is not installed"):
        collection.prepare("oneill", tmp_path)


@pytest.mark.slow
def test_the_three_together(data_dir):
    builder = collection.prepare("fiddle", data_dir)
    sizes = {name: builder.info.splits[name].num_examples for name in SPLITS}
    assert sizes == {"train": 3421, "validation": 192, "test": 212}
    counts = collection.account(builder)
    assert {source: counts[source]["usable"] for source in counts} == {
        "oneill": 1720,
        "ryan": 955,
        "aird": 1150,
    }
    assert counts["oneill"]["bars that do not add up"] == 174

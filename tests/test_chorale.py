"""The network of chorales: what is given stays, and the mask holds."""

import random

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqapps
from seqapps import testing
from seqapps.tasks import chorale
from seqapps.tasks.chorale.codec import base, batches, grid
from seqapps.tasks.chorale.evaluation import voice_leading
from seqapps.tasks.chorale.notation import passages
from seqapps.tasks.chorale.notation.chorale import RANGES, VOICES, Chorale
from seqapps.tasks.chorale.rendering.musicxml import write_musicxml
from seqapps.tasks.chorale.writing import loop


def draw(seed, bars=2, meter="4/4", pickup=4, sharps=0):
    """A chorale in which no voice leaves its range or crosses another."""
    random_ = random.Random(seed)
    steps = pickup + bars * Chorale(("",) * 4, meter).bar
    voices = [[], [], [], []]
    while len(voices[0]) < steps:
        length = min(random_.choice([2, 4, 4, 8]), steps - len(voices[0]))
        highest = RANGES[0][1]
        for voice, (low, high) in enumerate(RANGES):
            highest = random_.randint(low, min(high, highest))
            tokens = [str(highest)] + ["_"] * (length - 1)
            tokens[0] += "^" * (voice == 0 and length == 8)
            voices[voice] += tokens
    texts = tuple(" ".join(voice) for voice in voices)
    return Chorale(texts, meter, pickup, sharps, "major")


@pytest.fixture(scope="module")
def codec():
    plans = [("4/4", "major", 4, 0, 20, [16]), ("3/4", "minor", 0, 2, 25, [])]
    return base.ChoraleCodec(plans)


@pytest.fixture(scope="module")
def harmoniser(codec):
    keras.utils.set_random_seed(0)
    model = chorale.build_model(codec, units=7, embedding=5, dropout=0.0)
    return chorale.Harmoniser(model, codec)


def rows(written, **kwargs):
    voices = zip(*(written[voice] for voice in VOICES), strict=True)
    return [Chorale(texts, **kwargs) for texts in voices]


@pytest.mark.parametrize("sharps", [-5, 0, 6])
@pytest.mark.parametrize("rewrites", [0, 2])
def test_a_soprano_gets_voices_without_a_fault(harmoniser, sharps, rewrites):
    given = draw(1, sharps=sharps)
    settings = {"sharps": sharps, "rewrites": rewrites, "top_p": 1.0}
    written = harmoniser.harmonise(
        given.voices[0], pickup=4, count=5, temperature=9.0, **settings
    )
    for each in rows(written):
        assert each.voices[0] == given.voices[0]
        assert voice_leading.problems(each) == []
    assert len(set(written["bass"])) == 5


def test_from_nothing_they_are_as_those_learned_from(harmoniser):
    written = harmoniser.compose(count=6, seed=3, temperature=9.0)
    for i, each in enumerate(rows(written)):
        assert voice_leading.problems(each) == []
        plan = written["meter"][i], written["mode"][i], written["pickup"][i]
        steps, marks = {
            ("4/4", "major", 4): (20, 1),
            ("3/4", "minor", 0): (25, 0),
        }[plan]
        assert each.steps == steps
        # a mark at sixteenth 16 shows if a note begins there
        assert each.voices[0].count("^") in {0, marks}
    minor = harmoniser.compose("", 0, "minor", 3)
    assert minor["meter"] == ["3/4"] * 3


def test_what_is_given_stays_byte_for_byte(harmoniser):
    for seed in range(5):
        whole = draw(seed, bars=4)
        opened = passages.opened(whole, 2, 3, [0, 1, 2, 3])
        written = harmoniser.harmonise(
            *opened.voices, pickup=4, seed=seed, rewrites=1, temperature=9.0
        )
        (new,) = rows(written)
        assert voice_leading.problems(new) == []
        changed = 0
        for voice in range(4):
            tokens = zip(
                opened.voices[voice].split(),
                whole.voices[voice].split(),
                new.voices[voice].split(),
                strict=True,
            )
            for open_, before, after in tokens:
                if open_.rstrip("^") != "?":
                    assert before == after
                changed += before != after
            notes = set(new.notes(voice))
            for note in whole.notes(voice):  # no note outside grows longer
                inside = opened.voices[voice].split()[note.start][0] == "?"
                assert inside or note in notes
        assert changed


@pytest.mark.parametrize(
    "wrong",
    [
        {"soprano": "x"},
        {"soprano": "40 _"},  # out of range
        {"soprano": "60 _", "alto": "62 _"},  # crosses
        {"soprano": "60 _", "alto": "59"},  # shorter
        {"soprano": ""},
        {"soprano": "60 _", "meter": "4/5"},
        {"soprano": "60 _", "mode": "dorian"},
        {"soprano": "60 _", "sharps": 9},
        {"soprano": "60 _", "count": 0},
        {"soprano": "60 _", "temperature": 0.0},
        {"soprano": "60 _", "rewrites": -1},
    ],
)
def test_what_cannot_be_harmonised_is_one_line(harmoniser, wrong):
    with pytest.raises(seqapps.errors.InputError) as error:
        harmoniser.harmonise(**wrong)
    assert "\n" not in str(error.value)


def test_tables_transpose_and_hide_but_change_nothing_else(codec):
    chorales = [draw(seed, 2 + seed % 2, sharps=seed - 2) for seed in range(5)]
    table = batches.Tables.of([(each, (-3, 2)) for each in chorales])
    plain = table.grid(tf.range(5))
    moved = table.transposed(tf.range(5), tf.constant([1, 2]))
    assert codec.texts(plain).numpy()[3, 1].decode() == chorales[1].voices[3]
    before, after = plain.tokens.numpy(), moved.tokens.numpy()
    by = (after - before)[:, 0, 0]
    assert len(set(by)) > 1 and by.min() >= -3 and by.max() <= 2
    sounding = before >= 0
    assert (after - before)[sounding].tolist() == [
        by[i] for i in np.argwhere(sounding)[:, 0]
    ]
    assert (after[~sounding] == before[~sounding]).all()
    # the network reads the same degrees
    one = codec.ids(plain.tokens, plain.shift).numpy()[sounding]
    other = codec.ids(moved.tokens, moved.shift).numpy()[sounding]
    assert not ((one - other) % 12).any()


def test_free_notes_are_whole(codec):
    table = batches.Tables.of([(draw(seed), (0, 0)) for seed in range(60)])
    free = batches.choose_free(table.grid(tf.range(60)), tf.constant([3, 4]))
    starts = grid.note_starts(free.tokens)
    for at in (starts, grid.note_ends(free.tokens)):
        same = tf.gather(
            tf.transpose(free.free, [0, 2, 1]),
            tf.transpose(at, [0, 2, 1]),
            batch_dims=2,
        )
        assert (tf.transpose(same, [0, 2, 1]) == free.free).numpy().all()
    kinds = {tuple(row) for row in free.free.numpy().any(1)}
    assert (False, True, True, True) in kinds and (True,) * 4 in kinds


def test_passages_cover_what_does_not_reach_across(codec):
    tokens = batches.Tables.of([(draw(7, 6), (0, 0))]).grid([0]).tokens
    seed = tf.constant(5)
    one, other = (
        loop.passages(tokens, tf.constant(turn), seed).numpy()
        for turn in (0, 1)
    )
    assert not (one & other).any() and (one | other).mean() > 0.5


def test_likelihoods_do_not_see_what_they_predict(harmoniser):
    whole = draw(8)
    other = whole.voices[1].split()
    other[-1] = str(whole.notes(1)[-1].pitch - 1)  # a note of its own
    args = dict(pickup=4, mode="major")
    one = harmoniser.score(*whole.voices, **args)["nats"]
    two = harmoniser.score(
        whole.voices[0], " ".join(other), *whole.voices[2:], **args
    )["nats"]
    assert one[0] == 0 and one[3] == pytest.approx(two[3], rel=1e-5)  # bass
    assert one[1] != two[1]


def by_steps(model, x):
    context = model.encode(x)
    states, logits = model.initial_states(len(x)), []
    sounds = tf.zeros([len(x), 4], tf.int32)
    begins = tf.zeros([len(x), 4])
    for t in range(x.shape[1]):
        h, states = model.step(context[:, t], sounds, begins, states)
        sounds = x[:, t, base.SOUNDS]
        begins = tf.cast(x[:, t, base.TOKENS] != base.ID_HOLD, tf.float32)
        one = [None] * 4
        for place, voice in enumerate(base.ORDER):
            earlier = [sounds[:, other] for other in base.ORDER[:place]]
            one[voice] = model.logits(h, context[:, t], earlier)
        logits.append(tf.stack(one, 1))
    return tf.stack(logits, 1)


def test_it_keeps_the_contract(tmp_path):
    for seed in range(8):
        text = write_musicxml(draw(seed))
        (tmp_path / f"{seed}.musicxml").write_text(text, "utf-8")
    melody = draw(3)
    testing.check_task(
        chorale.TASK,
        data={"path": tmp_path, "batch_size": 2},
        model={
            "units": 6,
            "embedding": 4,
            "dropout": 0.2,
            "cell": "simple_rnn",
        },
        fit={"epochs": 2, "steps_per_epoch": 5, "seed": 3},
        calls=[
            ("harmonise", {"soprano": melody.voices[0], "count": 2, "seed": 4}),
            ("compose", {"count": 2, "seed": 1, "rewrites": 0}),
            ("score", dict(zip(VOICES, melody.voices, strict=True))),
        ],
        bad=[
            ["harmonise", "no.abc"],
            ["harmonise", "bad.abc", "--output", "out"],
            ["harmonise", "--key", "H"],
            ["harmonise", "--rewrite", "1-2"],
            ["train", "--data.path", "no"],
            ["train", "--model.units", "0"],
        ],
        files={"bad.abc": "no tune\n"},
        without_noise={"model": {"dropout": 0.0}},
        by_steps=by_steps,
    )

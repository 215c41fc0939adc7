"""Right by construction: networks that know nothing write right tunes."""

import pytest
import tensorflow as tf
import tunes

import seqapps
from seqapps.tasks import music
from seqapps.tasks.music.codec.notes import NoteCodec
from seqapps.tasks.music.grammar.bar_fit import BarFit
from seqapps.tasks.music.grammar.clock import Clock
from seqapps.tasks.music.grammar.form import parse_form
from seqapps.tasks.music.notation import validation

HEAD = "X:1\nM:2/4\nL:1/8\nK:C\n"


def right(composer, length=None, **request):
    """Composes, and holds every tune to both judges."""
    composed = composer.generate(
        bars=length or 0, **{"count": 5, "seed": 7, **request}
    )
    for abc in composed:
        assert tunes.faults(abc, length, request.get("form")) == [], abc
        meter = request.get("meter") or abc.partition("\nM:")[2].split()[0]
        assert f"\nM:{meter}\n" in abc
        body = abc.partition("\nK:")[2].partition("\n")[2]
        problems = set(validation.find_problems(meter, body))
        assert problems <= {"there are fewer than 4 bars", "there is no note"}
    return composed


@pytest.mark.parametrize(
    "body, fault",
    [
        ("C4 | C4 |]", ""),
        ("C | C4 | C3 :: E | C4 | C3 :|", ""),
        ("C4 | [1 C4 :| [2 C4 |]", ""),
        ("(3 C C C C2- | C4 |]", ""),
        ("C | C4 | C4 |]", "bar 1 holds 4"),
        ("C4 | C2 |]", "bar 1 holds 2"),
        ("C4 | C5 |]", "bar 1 holds 5"),
        ("C3 | C4 | C |]", "the pick-up is too long"),
        ("C | C4 | C3 :: C4 | C3 :|", "section 1 has another pick-up"),
        ("C4- | E4 |]", "a tie of C leads to E4"),
        ("C4- | ^C4 |]", "a tie of C leads to ^C4"),
        ("C4- | [1 C4 :| [2 C4 |]", "a tie over [1"),
        ("C4 | [1 C4 :| [2 C4 | C4 |]", "unequal endings"),
        ("C4 | [1 C4 | C4 |]", "endings that do not match"),
        ("(3 C C |]", "tuplet (3"),
        ("(3 C C C2 C |]", "tuplet (3"),
        ("C4 || E4 :|", "section 1 opens with ||"),
        ("C4 |: C4 |]", "section 1 opens with |:"),
        ("|: C4 :|", "from |: to :|"),
        ("C4 | C4", "from C4 to C4"),
        ("C4 |] C4 |]", "it goes on after |]"),
        ("C4 | H4 |]", "strange H4"),
    ],
)
def test_the_judge(body, fault):
    faults = tunes.faults(HEAD + body)
    assert fault in "; ".join(faults) if fault else faults == []


@pytest.mark.parametrize(
    "body, form, fault",
    [
        ("C4 :: E4 :|", "AABB", ""),
        ("C4 || E4 || C4 |]", "ABA", ""),
        ("C4 || E4 || E4 |]", "ABA", "A is no copy"),
        ("C4 || E4 | C4 |]", "AB", "sections are not equal"),
        ("C4 :: E4 :|", "AAB", "repeats [True, True]"),
    ],
)
def test_the_judge_of_forms(body, form, fault):
    faults = tunes.faults(HEAD + body, form=form)
    assert fault in "; ".join(faults) if fault else faults == []


@pytest.mark.parametrize("length", [1, 2, 5, 8, 13])
def test_any_logits_give_right_tunes_in_every_metre(steered, length):
    for seed, meter in enumerate(tunes.METERS):
        right(steered, length, meter=meter, seed=seed)


@pytest.mark.parametrize("length", [2, 13])
def test_an_untrained_network_writes_right_tunes(composer, length):
    for meter in composer.codec.meters:
        right(composer, length, meter=meter)


def test_keys_are_kept(steered):
    for key, mode, field in (
        ("F#", "", "F#min"),
        ("Bb", "major", "Bb"),
        ("A", "dorian", "Ador"),
    ):
        for abc in right(steered, 2, key=key, mode=mode):
            assert tunes.parts(abc)[1] == field


@pytest.mark.parametrize(
    "likings",
    [
        {"-": 6},
        {"(": 6},
        {"(": 6, "-": 6},
        {"[1": 9},
        {"[1": 9, "-": 1, "|": 3},
        {"z": 6},
        {"8": 6, "6": 6, "4": 3},
        {"/4": 6, "/2": 3},
        {"(6": 9, "/4": 6},
        {"|": 6},
        {"||": 6, "|:": 6, ":|": 6, "::": 6},
    ],
    ids=" ".join,
)
def test_whatever_a_network_likes_best_comes_out_right(steered, likings):
    def likes(part):
        if part in tunes.LINES:
            return lambda token: token == part
        return lambda token: part in token and token[1:2] != ":"

    pairs = [(likes(part), weight) for part, weight in likings.items()]
    steered.model.like(*pairs)
    written = set()
    for meter, length in (("4/4", 8), ("9/8", 13), ("12/8", 5)):
        for abc in right(steered, length, meter=meter, top_p=1.0):
            written.update(tunes.parts(abc)[2])
    for like, _ in pairs:
        assert any(map(like, written))


@pytest.mark.parametrize("sign", [1, -1])
def test_always_the_last_or_the_first_of_the_vocabulary(steered, sign):
    places = tf.range(len(steered.codec), dtype=tf.float32)
    steered.model.bias.assign(sign * places)
    first, *others = right(steered, 8, meter="4/4", key="C", top_k=1)
    assert all(abc.split("T:")[1] == first.split("T:")[1] for abc in others)


@pytest.mark.parametrize(
    "form, lengths",
    [
        ("AABB", (2, 4, 16)),
        ("AAB", (4,)),
        ("ABA", (3,)),
        ("ABAC", (4, 16)),
        ("AABBCC", (3,)),
        ("AABAA", (3,)),
        ("A", (5,)),
        ("AA", (4, 5)),
    ],
)
def test_forms_are_kept(steered, form, lengths):
    steered.model.like((lambda token: token == "[1", 4))
    for total in lengths:  # few sizes, for each is compiled
        for meter in ("3/8", "4/4"):
            for seed in (1, 2):
                right(steered, total, meter=meter, form=form, seed=seed)


def test_a_form_may_be_written_small_and_has_eight_bars_a_section(steered):
    composed = right(steered, form="AAB")
    for abc in composed:
        assert tunes.faults(abc, 16, "AAB") == []
    assert steered.generate(form="aab", count=5, seed=7) == composed


@pytest.mark.parametrize(
    "request_, message",
    [
        ({"form": "AAAB"}, "repeated once at most, not as in AAAB"),
        ({"form": "A-B"}, "a form is letters such as AABB, not A-B"),
        ({"form": "A1"}, "a form is letters such as AABB, not A1"),
        (
            {"form": "AABBCC", "bars": 16},
            "16 bars do not divide into the 3 written sections of AABBCC",
        ),
    ],
)
def test_forms_that_do_not_fit(steered, request_, message):
    with pytest.raises(seqapps.InputError, match=message):
        steered.generate(**request_)


def test_a_form_as_numbers():
    plan = parse_form(tf.constant("AABA"), tf.constant(12))
    assert plan.bars.numpy().tolist() == [[4, 4, 4]]
    assert plan.repeated.numpy().tolist() == [[1, 0, 0]]
    assert plan.source.numpy().tolist() == [[0, 1, 0]]
    assert plan.copied.numpy().tolist() == [[True, False, False]]
    assert plan.strict.numpy()
    loose = parse_form(tf.constant(""), tf.constant(7))
    assert loose.bars.numpy().tolist() == [[7]] and not loose.strict.numpy()
    assert loose.min_section_bars.numpy().tolist() == [3]


def test_without_bars_lengths_are_drawn(steered):
    drawn = set()
    for abc in right(steered, meter="2/4", count=17):
        drawn.add(next(n for n in range(99) if not tunes.faults(abc, n or -1)))
    assert drawn == {8, 12, 20}


def test_without_the_mask_tunes_go_wrong(composer):
    composed = composer.generate(count=5, bars=8, constrained=False)
    assert all(map(tunes.faults, composed))


def test_what_fits_into_the_rest_of_a_bar():
    tokens = ["M:2/4", "|", "C3", "C2", "C2-", "E2", "(3"]
    fit = BarFit(tokens, Clock(tokens))
    eighth = 48
    filled = fit.can_fill(tf.constant([eighth * n for n in range(-1, 5)]))
    assert filled.numpy().tolist() == [False, True, False, True, True, True]
    assert not fit.can_fill(tf.constant([10])).numpy()


def test_nothing_but_a_tiny_vocabulary():
    tokens = [*tunes.LINES, "(3", "C", "C3", "C-", "E2", "E2-"]
    codec = NoteCodec([["3/4", "C", "major", 1]], tokens, [[8, 1]])
    model = tunes.Steered(codec)
    seen = set()
    for abc in right(music.Composer(model, codec), 8, count=31):
        seen.update(tunes.parts(abc)[2])
    assert {"(3", "C-", "C3", "E2"} <= seen


def test_the_most_tokens_of_a_bar_are_enough():
    tokens = ["M:3/4", *tunes.LINES, "(6", "C/4", "C"]
    sixes = 12  # of the shortest notes, for each has the time of two: 24 ticks
    assert BarFit(tokens, Clock(tokens)).max_tokens_per_bar == 7 * sixes + 2

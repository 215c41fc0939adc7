"""Going on from a fragment: how it is read, kept, judged and refused."""

import random

import pytest
import tensorflow as tf
import tunes

import seqapps
from seqapps.tasks.music.codec import lexer
from seqapps.tasks.music.notation import validation
from seqapps.tasks.music.rendering import layout

HEAD = "X:1\nT:x\nM:2/4\nL:1/8\nK:C\n"


def tokenize(body, head=HEAD):
    tune = lexer.tokenize(tf.constant(head + body))
    tokens = b" ".join(tune.tokens.numpy()).decode()
    return tokens, [int(t) / 48 for t in tune.ticks.numpy() if t]


@pytest.mark.parametrize(
    "written, tokens, eighths",
    [
        ("CEGc|", "C E G c |", [1, 1, 1, 1]),
        ("A/B/ A/2B/2 A3/2 c'3/", "A/2 B/2 A/2 B/2 A3/2 c'3/2", [0.5] * 4),
        ("C2-C/-|C/4", "C2- C/2- | C/4", [2, 0.5, 0.25]),
        ("^F,_B=c'__d^^e3", "^F, _B =c' __d ^^e3", [1, 1, 1, 1, 3]),
        ("(3CEG(3C2E2G2 z2", "(3 C E G (3 C2 E2 G2 z2", [1, 1, 1, 2, 2, 2, 2]),
        ("C4|1E4:|2G4||", "C4 | [1 E4 :| [2 G4 ||", [4, 4, 4]),
        ("C4| [1 E4 :|[2G4|]", "C4 | [1 E4 :| [2 G4 |]", [4, 4, 4]),
        ("|:C4:|\n|:E4:||:G4::c4", "C4 :: E4 :: G4 :: c4", [4, 4, 4, 4]),
        ("C4|\\\nE4|".replace("\\", ""), "C4 | E4 |", [4, 4]),
        ("C4| % one\n%%two\nw:la la\nE4|", "C4 | E4 |", [4, 4]),
    ],
)
def test_abc_as_people_write_it(written, tokens, eighths):
    spaced, lengths = tokenize(written)
    assert spaced == tokens
    assert lengths[: len(eighths)] == eighths or "3/2" in written


def test_headers_as_people_write_them():
    head = "X:1\r\nT:\r\nR:jig\r\nM: 6/8 % a jig\r\nK:Ador%x\r\n"
    tune = lexer.tokenize(tf.constant(head + "CEG|\r\n"))
    assert (tune.meter, tune.key) == (b"6/8", b"Ador")
    assert tune.tokens.numpy().tolist() == [b"C", b"E", b"G", b"|"]
    assert lexer.header_field(tf.constant("M:3/4"), "K").numpy() == b""


@pytest.mark.parametrize(
    "body, strange",
    [
        ("C4|hello|", "h"),
        ("C4|(5CCCCC", r"\(5"),
        ("C0 E|", "C0"),
        ("C/5 E|", "C/5"),
        ("C/64 E|", "C/64"),
        ("C1000|", "C1000"),
        ("^z2|", r"\^"),
        ("z2-|", "-"),
        ("C,,c/ & E|", "&"),
        ("C>E|", ">"),
    ],
)
def test_what_cannot_be_read(steered, body, strange):
    message = f"cannot read in the ABC: {strange}"
    for ask in (
        lambda abc: steered.generate(primer=abc, bars=5, count=5),
        lambda abc: steered.vary(abc),
    ):
        with pytest.raises(seqapps.InputError, match=message):
            ask(HEAD + body)


def test_beamed_or_canonical_is_the_same(toy):
    for abc in toy.examples["train"][:20]:
        head, body = abc.split("\nK:")
        field, body = body.split("\n", 1)
        beamed = layout.beamed(head.split("M:")[1].split()[0], body)
        assert beamed.count("\n") > 1
        other = f"{head}\nK:{field}\n{beamed}"
        both = [
            lexer.tokenize(tf.constant(text)).tokens.numpy().tolist()
            for text in (abc, other)
        ]
        assert both[0] == both[1]


def go_on(composer, abc, **request):
    """Composes, and holds the tunes to the judge and the primer."""
    composed = composer.generate(primer=abc, count=5, **request)
    primer = b" ".join(lexer.tokenize(tf.constant(abc)).tokens.numpy()).decode()
    primer = primer.removesuffix("|]").split()
    for tune in composed:
        assert tunes.parts(tune)[:2] == tunes.parts(abc)[:2]
        tokens = tunes.parts(tune)[2]
        assert tokens[: len(primer)] == primer and len(tokens) > len(primer)
        requested = request.get("bars"), request.get("form")
        assert tunes.faults(tune, *requested) == [], tune
    return composed


def test_any_beginning_of_a_right_tune_goes_on(composer, toy):
    draw = random.Random(3)
    right = [t for t in toy.examples["test"] if not tunes.faults(t)]
    assert len(right) > 9
    composed = 0
    for abc in draw.sample(right, 9):
        head, body = abc.split("\nK:")
        tokens = body.split()
        place = draw.randrange(2, len(tokens))
        cut = f"{head}\nK:{tokens[0]}\n{' '.join(tokens[1:place])}"
        while "(" in " ".join(cut.split()[-4:]):  # not within a tuplet
            cut = cut.rpartition(" ")[0]
        composed += len(go_on(composer, cut))
    assert composed == 45


@pytest.mark.parametrize(
    "body, request_",
    [
        ("C4 | E4 |", {"bars": 3}),
        ("C4 | E4 |]", {"bars": 3}),
        ("C | E4 | G2", {"bars": 2}),
        ("C | E4 | G4", {"bars": 3}),  # bar 2 is too full to be the last
        ("C4 | E4 | [1 G", {"bars": 4}),
        ("C4 | [1 E4 | E4 :| [2 G", {"bars": 5}),
        ("C4 | [1 E4 :|", {"bars": 3}),
        ("C4 | E2 C2-", {"bars": 5}),
        ("C | E4 | G3 || C", {"bars": 4}),
        ("(3 C E G C2 |", {"bars": 2}),
        ("C4 | E4 :: G2", {"bars": 4, "form": "AABB"}),
        ("C4 | E2", {"bars": 6, "form": "ABA"}),
        ("C4 | E4 || G4 | c4 || C4", {"bars": 6, "form": "ABA"}),
        ("C4 | [1 E4 :| [2 G4 ||", {"bars": 6, "form": "AAB"}),
    ],
)
def test_a_beginning_comes_out_in_the_bars_left(steered, body, request_):
    steered.model.like((lambda token: token in tunes.LINES, 2))
    go_on(steered, HEAD + body, **request_)


@pytest.mark.parametrize(
    "body, request_",
    [
        ("C4 :: E4 || G4 | c2", {"bars": 6}),  # || within a repeat
        ("C4 | E4 || G4 | G4 :| c2", {"bars": 6}),  # a repeat not opened
        ("C4 | E4 :| G2", {"bars": 4, "form": "AABB"}),
    ],
)
def test_what_people_leave_out(steered, body, request_):
    """The judge is stricter than what a beginning may have."""
    for abc in steered.generate(primer=HEAD + body, count=5, **request_):
        tokens = tunes.parts(abc)[2]
        assert validation.find_problems("2/4", " ".join(tokens)) == []
        assert tokens[-1] == ":|" or "form" not in request_


def test_a_beginning_with_no_bars_asked_goes_on_as_long_as_is_needed(steered):
    steered.model.like((lambda token: token in tunes.LINES, 2))
    many = " | ".join(["C4"] * 19)
    for body in (many, f"C | {many} | C4", f"{many} | [1 C4", f"{many} || C"):
        go_on(steered, HEAD + body)


def test_rare_tokens_stay_as_they_are_written(steered):
    body = "D,,7/8 D/8 ^^f'3 | D8 | [1 B6 B2- | B2 D3 D3 | _A,,8"
    head = HEAD.replace("2/4", "4/4")
    for tune in go_on(steered, head + body, bars=9):
        assert "D,,7/8 D/8 ^^f'3 | D8 | [1 B6 B2- | B2 D3 D3 |" in tune


def test_the_beginning_of_a_copied_section_is_copied(steered):
    for tune in go_on(steered, HEAD + "A/ D7/ | E2", bars=6, form="ABA"):
        assert tunes.parts(tune)[2].count("D7/2") == 2


def test_a_line_break_or_a_beam_changes_nothing(steered):
    plain = steered.generate(primer=HEAD + "C E G c | E4 |", seed=5, bars=5)
    other = HEAD.replace("T:x\n", "T:\n") + "|:CE Gc| % one\nE4|\n"
    assert steered.generate(primer=other, seed=5, bars=5) == plain


@pytest.mark.parametrize(
    "body, request_, message",
    [
        ("C4|", {"meter": "6/8"}, "the meter of the ABC is 2/4 .* 6/8"),
        ("C4|", {"key": "D"}, "the key of the ABC is C .* D"),
        ("C4|", {"mode": "minor"}, "the mode of the ABC is major .* minor"),
        ("C4|C4|", {"bars": 2}, "has 2 bars or more already: ask for more"),
        ("C4|C4|C4|", {"bars": 2}, "has . bars or more already: ask for more"),
        ("C4::C4:|", {"bars": 2, "form": "AABB"}, "has 2 bars or more"),
        ("", {}, "the primer has no note"),
        ("% C4\n", {}, "the primer has no note"),
        ("C4|C3|C4", {}, "does not fit its metre or the form in bar 2"),
        ("C4|C5|C4", {}, "does not fit its metre or the form in bar 2"),
        ("C4|C5", {}, "does not fit its metre or the form in bar 2"),
        ("C4||C2||", {}, "does not fit its metre or the form in bar 2"),
        ("C|C4|C4:|", {}, "does not fit its metre or the form in bar 2"),
        ("|", {}, "does not fit its metre or the form in bar 1"),
        ("C4|]C4", {}, "does not fit .* in bar 2|in bar 1"),
        ("C4|:C4|:C4", {}, "does not fit .* in bar 3|in bar 2"),
        ("C4|[2C4", {}, "does not fit"),
        ("C4|[1C4:|C4", {}, "does not fit"),
        ("C4|[1C4:|[2C4:|", {}, "does not fit"),
        ("C4|C2[1C2:|[2C2", {}, "does not fit"),
        ("C4:|", {"form": "AB", "bars": 2}, "does not fit"),
        ("C4||", {"form": "AAB", "bars": 2}, "does not fit"),
        ("C4|C4||", {"form": "AB", "bars": 6}, "does not fit"),
        ("C4|[1C4:|[2C4||", {"form": "AB", "bars": 6}, "does not fit"),
        ("C4|(3CE", {}, "ends within a tuplet: complete it"),
        ("C4|(3C(3CEGC", {}, "does not fit"),
        ("D7-", {}, "ends with a tie from a note too rare"),
        ("C|C4", {"bars": 1}, "cannot come out in 1 bars: ask for more"),
        ("C4|[1C4", {"bars": 2}, "cannot come out in 2 bars: ask for more"),
        ("C4|[1C4|C4:|", {"bars": 4}, "cannot come out in 4 bars"),
    ],
)
def test_beginnings_that_are_refused(steered, body, request_, message):
    request_ = {"bars": 5, "count": 5, **request_}  # of a size seen before
    with pytest.raises(seqapps.InputError, match=message):
        steered.generate(primer=HEAD + body, **request_)


@pytest.mark.parametrize(
    "head, message",
    [
        ("", "the key of the ABC is not one the network knows"),
        ("M:2/4\nK:Gphr\n", "is not one the network knows: Gphr"),
        ("M:7/8\nK:C\n", "unknown meter 7/8 - choose one of: 12/8"),
        ("M:2/4\nL:1/4\nK:C\n", "the unit L: must be 1/8, not 1/4"),
    ],
)
def test_headers_that_are_refused(steered, head, message):
    with pytest.raises(seqapps.InputError, match=message):
        steered.generate(primer=head + "C4 | C4", bars=5, count=5)


def test_a_tuplet_that_the_network_does_not_know(composer):
    assert "(4" not in composer.codec.tokens
    with pytest.raises(seqapps.InputError, match=r"no such tuplet: \(4"):
        composer.generate(primer=HEAD.replace("K:C", "K:G") + "(4GGGG G|")

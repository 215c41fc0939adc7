"""Negative log-likelihoods of tunes, token by token, to exact numbers."""

import math

import numpy as np
import pytest
import tunes

from seqapps.tasks import music
from seqapps.tasks.music.codec.characters import CharacterCodec

HEAD = "X:1\nT:x\nM:2/4\nL:1/8\nK:C\n"


def costs(steered):
    """Nats of every token, by its name."""
    logits = steered.model.bias.numpy().astype(float)
    nats = np.log(np.exp(logits).sum()) - logits
    return dict(zip(steered.model.names, nats, strict=True))


def test_each_token_has_its_nats(steered):
    steered.model.like((lambda t: "4" in t, 3), (lambda t: "C" in t, 1.5))
    cost = costs(steered)
    bodies = ["C4 | E2 C2 |]", "(3 C E G C2 | [1 c4 :| [2 C4- | C4 |]"]
    scores = steered.score([HEAD + body for body in bodies])
    for i, body in enumerate(bodies):
        tokens = [*body.split(), "<end>"]
        assert scores["tokens"][i] == len(tokens)
        assert scores["characters"][i] == len(body) + 1
        expected = [cost[token] for token in tokens]
        token_nats = scores["surprise"][i]
        assert token_nats[: len(tokens)] == pytest.approx(expected, rel=1e-5)
        assert not any(token_nats[len(tokens) :])
        assert scores["nats"][i] == pytest.approx(sum(expected), rel=1e-5)


def test_an_unknown_token_costs_its_name_too(steered):
    (token_nats,) = steered.score([HEAD + "D,,7/4- | C4 |]"])["surprise"]
    cost = costs(steered)
    escape = math.log(35 * 6 * 16 * 2)
    assert steered.codec.unknown_nats == escape
    expected = [cost["<unknown>"] + escape, cost["|"], cost["C4"]]
    assert token_nats[:3] == pytest.approx(expected, rel=1e-5)


def test_how_it_is_written_changes_nothing(steered):
    plain = steered.score([HEAD + "C4 | E2 C2 | G4 |]"])
    other = HEAD.replace("T:x", "T:") + "C4|E2C2| % one\nG4|]\n"
    scores = steered.score([other])
    assert {**scores, "characters": 0} == {**plain, "characters": 0}


def test_nats_of_the_tokens_sum_to_those_of_the_tune(composer, toy):
    abc = toy.examples["validation"][:5]
    scores = composer.score(abc)
    for i, tune in enumerate(abc):
        body = " ".join(tunes.parts(tune)[2])
        assert scores["tokens"][i] == len(body.split()) + 1
        assert scores["characters"][i] == len(body) + 1
        token_nats = scores["surprise"][i]
        assert math.fsum(token_nats) == pytest.approx(
            scores["nats"][i], rel=1e-5
        )
        assert np.count_nonzero(token_nats) == scores["tokens"][i]
        assert min(token_nats) >= 0


def test_characters_are_scored_on_the_same_text():
    codec = CharacterCodec([["2/4", "C", "major", 1]], list("24C/ |]\n"), [])
    model = tunes.Steered(codec)
    model.like((lambda t: t == "C", 2))
    composer = music.Composer(model, codec)
    assert set(composer.functions) == {"generate", "score", "serving_default"}
    body = "C2 C2 | E4 |]"
    scores = composer.score([HEAD + body, HEAD + "C4|]"])
    assert scores["tokens"] == scores["characters"] == [len(body) + 1, 5]
    total = math.log(math.e**2 + len(codec) - 1)
    nats = total * (len(body) + 1) - 2 * 2 + math.log(256)  # E is unknown
    assert scores["nats"][0] == pytest.approx(nats, rel=1e-5)
    assert math.fsum(scores["surprise"][0]) == pytest.approx(nats, rel=1e-5)
    assert not any(scores["surprise"][1][5:])


def test_score_and_its_baseline(composer, toy):
    results = music.score(composer, toy, split="validation", tunes=3)
    assert results["right, held out"] == results["right, composed"] == 1.0
    assert results["right, composed without mask"] == 0.0
    assert results["nats a token, 4-gram"] < results["nats a token"]
    assert 0 < results["bits a character, 4-gram"] < results["bits a character"]
    assert results["copying: share above 32 notes, held out"] == 0.0
    assert 0 < results["scale consistency, composed"] < 1
    assert results["nats a token"] == pytest.approx(
        np.log(len(toy.codec)), abs=0.3
    )  # an untrained network knows next to nothing

"""The contract of a task, held to music."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqapps
from seqapps.tasks import music

REQUEST = {"key": "D", "meter": "6/8", "count": 3, "seed": 7}


def build(codec, **kwargs):
    sizes = {"units": 13, "embedding": 7, "layers": 2, "dropout": 0.0}
    keras.utils.set_random_seed(0)
    return music.build_model(codec, **{**sizes, **kwargs})


@pytest.fixture(scope="module")
def composer(toy):
    return music.Composer(build(toy.codec), toy.codec)


@pytest.fixture(scope="module")
def saved(composer, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "music" / "1"
    return seqapps.save(composer, folder, {"task": "music"})


@pytest.mark.parametrize("cell", ["lstm", "gru", "simple_rnn"])
def test_a_short_fit_lowers_the_loss(toy, cell):
    model = build(toy.codec, cell=cell, learning_rate=0.01)
    log = model.fit(
        toy.train,
        validation_data=toy.valid,
        epochs=3,
        shuffle=False,
        verbose=0,
    )
    assert log.history["loss"][-1] < 0.9 * log.history["loss"][0]
    assert log.history["val_loss"][-1] < 0.9 * log.history["val_loss"][0]


@pytest.mark.parametrize("cell", ["lstm", "gru", "simple_rnn"])
def test_whole_sequence_and_steps_agree(toy, cell):
    model = build(toy.codec, cell=cell)
    tokens = np.random.default_rng(0).integers(3, len(toy.codec), (3, 5))
    whole = model(tokens).numpy()  # (batch, time, vocabulary)
    states = model.initial_states(3)
    for t in range(5):
        logits, states = model.step(tokens[:, t], states)
        np.testing.assert_allclose(logits, whole[:, t], atol=1e-5)


def test_one_tune_alone_equals_it_in_a_batch(composer, toy):
    tunes = toy.examples["validation"][:5]
    together = composer.score(tunes)
    for i, tune in enumerate(tunes):
        alone = composer.score([tune])
        assert alone["tokens"] == [together["tokens"][i]]
        assert alone["nats"][0] == pytest.approx(together["nats"][i], rel=1e-5)
    few = composer.generate(**{**REQUEST, "count": 1})
    assert few == composer.generate(**REQUEST)[:1]


@pytest.mark.parametrize("bars", [4, 16])
def test_bars_are_kept_even_by_a_network_that_knows_nothing(composer, bars):
    from fractions import Fraction

    from seqapps.tasks.music.bars import durations
    from seqapps.tasks.music.metrics import read

    for abc in composer.generate(meter="6/8", bars=bars, count=5, seed=1):
        meter, body = read(abc)
        written = sum(durations(body))
        whole = bars * Fraction(meter)
        assert whole <= written < whole + Fraction(3, 2)
        assert body.strip().endswith(("|]", ":|"))


def test_exported_equals_in_process(composer, saved, toy):
    loaded = seqapps.load(saved)
    assert loaded.generate(**REQUEST) == composer.generate(**REQUEST)
    tunes = toy.examples["test"][:3]
    assert loaded.score(tunes)["tokens"] == composer.score(tunes)["tokens"]
    np.testing.assert_allclose(
        loaded.score(tunes)["nats"], composer.score(tunes)["nats"], rtol=1e-5
    )
    assert "generate(" in seqapps.inspect(saved)
    with pytest.raises(seqapps.InputError, match="exists"):
        seqapps.save(composer, saved)


def test_plain_tensorflow_composes_where_keras_cannot_be_had(composer, saved):
    code = (
        "import sys\n"
        "sys.modules['keras'] = None\n"
        "sys.modules['seqapps'] = None\n"
        "import tensorflow as tf\n"
        f"model = tf.saved_model.load({str(saved)!r})\n"
        "abc = model.generate(key='D', meter='6/8', count=3, seed=7)['abc']\n"
        "print(*(t.decode() for t in abc.numpy()), sep='---')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": ""},
    )
    assert done.returncode == 0, done.stderr
    expected = "---".join(composer.generate(**REQUEST)) + "\n"
    assert done.stdout == expected


@pytest.mark.parametrize(
    "request_, said",
    [
        ({"key": "H"}, "unknown key H"),
        ({"mode": "blue"}, "unknown mode blue"),
        ({"meter": "7/8"}, "unknown meter 7/8"),
        ({"bars": -1}, "bars must be"),
        ({"count": 0}, "count must be 1 or more"),
        ({"temperature": 0.0}, "temperature must be above 0"),
        ({"top_k": -1}, "top_k"),
        ({"top_p": 1.5}, "top_p"),
    ],
)
def test_bad_requests_say_what_is_wrong(composer, saved, request_, said):
    for predictor in (composer, seqapps.load(saved)):
        with pytest.raises(seqapps.InputError, match=said):
            predictor.generate(**request_)


@pytest.mark.parametrize("part", ["saved_model.pb", "variables", "cut"])
def test_a_damaged_model_is_one_line(saved, part, tmp_path, monkeypatch, capfd):
    import shutil

    from seqapps.cli import main

    broken = tmp_path / "broken"
    shutil.copytree(saved, broken)
    if part == "variables":
        shutil.rmtree(broken / part)
    elif part == "cut":
        path = broken / "saved_model.pb"
        path.write_bytes(path.read_bytes()[:1000])
    else:
        (broken / part).unlink()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        main(music.TASK, ["generate", "--from", str(broken)])
    assert left.value.code == 2
    lines = capfd.readouterr().err.strip().splitlines()
    assert len(lines) == 1 and "broken" in lines[0]


@pytest.mark.parametrize(
    "kwargs",
    [
        {"units": 0},
        {"layers": 4},
        {"dropout": 1.0},
        {"learning_rate": 0.0},
    ],
)
def test_senseless_sizes_are_refused(toy, kwargs):
    with pytest.raises(seqapps.InputError):
        build(toy.codec, **kwargs)


def test_the_network_survives_a_keras_file(toy, tmp_path):
    model = build(toy.codec)
    model.save(tmp_path / "network.keras")
    again = keras.saving.load_model(tmp_path / "network.keras")
    tokens = tf.constant([[3, 4, 5]])
    np.testing.assert_array_equal(model(tokens), again(tokens))


def test_generate_writes_all_files(toy, tmp_path, capsys):
    """Two tunes by heart stand in for a network: what is tested is files."""

    class ByHeart:
        calls = 0

        def generate(self, key, mode, meter, bars, count, *rest):
            ByHeart.calls += 1
            right = "X:1\nT:\nM:2/4\nL:1/8\nK:G\n" + "G A B c | " * 3
            wrong = right + "G A B |]"
            return [wrong if self.calls == 1 else right + "G4 |]"] * count

    every = 2 * 2 + 4  # what one round composes for two tunes

    paths = music.generate(ByHeart(), count=2, output=tmp_path / "out")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    endings = ("abc", "mid", "png", "svg", "wav")
    assert names == [f"tune-{n}.{e}" for n in (1, 2) for e in endings]
    assert len(paths) == 10 and all(p.stat().st_size > 40 for p in paths)
    out = capsys.readouterr().out
    assert f"{every} not valid, tried again" in out and "K:G" in out


@pytest.mark.parametrize(
    "words, said",
    [
        (["--key", "H"], "unknown key H"),
        (["--meter", "7/8"], "unknown meter 7/8"),
        (["--temperature", "0"], "temperature must be above 0"),
        (["--count", "0"], "--count"),
        (["--output", "file/out"], "cannot write to file/out"),
    ],
    ids=lambda x: " ".join(x),
)
def test_bad_input_leaves_nothing(words, said, tmp_path, monkeypatch, capfd):
    from seqapps.cli import main

    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("kept")
    with pytest.raises(SystemExit) as left:
        main(music.TASK, ["generate", "--count", "1", *words])
    out, err = capfd.readouterr()
    assert left.value.code == 2 and out == ""
    assert len(err.strip().splitlines()) == 1 and said in err
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "kept"


def test_score_and_its_baseline(composer, toy):
    found = music.score(composer, toy, split="validation", tunes=3)
    assert found["valid, held out"] == 1.0
    assert found["nats a token, 5-gram"] < found["nats a token"]
    assert found["nats a token"] == pytest.approx(
        np.log(len(toy.codec)), abs=0.3
    )  # an untrained network knows next to nothing


def test_what_ships_composes(command, tmp_path):
    words = "generate --key D --meter 6/8 --count 2 --seed 7".split()
    texts = []
    for name in ("once", "twice"):
        done = command(*words, "--output", name, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        texts.append((tmp_path / name / "tune-2.abc").read_bytes())
    assert texts[0] == texts[1]
    assert b"M:6/8" in texts[0] and b"K:D" in texts[0]

"""The contract of a task, held to ours."""

import random

import reviews
import tensorflow as tf

from seqapps import testing
from seqapps.tasks import music, sentiment, translation
from seqapps.tasks.translation.importers.toy_pairs import generate_pairs

TEXTS = [
    "The food was good, not bad at all",
    "",
    "qwertz \N{GRINNING FACE} \N{CJK UNIFIED IDEOGRAPH-4E2D}",
    "Well, the plot was clever.<br /><br />My friend said: don't!" * 5,
]
NUMBERS = [
    "twenty-one",
    "",
    "the twenty-first of november, two thousand and twenty-six",
    "?? \N{GRINNING FACE} \N{CJK UNIFIED IDEOGRAPH-4E2D} one",
]


def test_music(tmp_path):
    draw = random.Random(0)

    def tune(number):
        bars = ["".join(draw.choices("GABcdefg", k=6)) for _ in range(8)]
        return f"X:{number}\nT:T\nM:6/8\nL:1/8\nK:G\n{'|'.join(bars)}|]\n"

    tunes = [tune(number) for number in range(1, 71)]
    (tmp_path / "own.abc").write_text("\n".join(tunes), "utf-8")
    request = {"key": "G", "meter": "6/8", "bars": 8, "count": 3, "seed": 7}
    testing.check_task(
        music.TASK,
        data={"path": tmp_path / "own.abc", "batch_size": 2},
        model={
            "units": 13,
            "embedding": 7,
            "layers": 2,
            "dropout": 0.3,
            "recurrent_dropout": 0.1,
        },
        fit={
            "epochs": 2,
            "steps_per_epoch": 6,
            "seed": 3,
            "learning_rate": 0.02,
            "clip": 0.1,
        },
        calls=[
            ("generate", request),
            ("vary", {"abc": tunes[0], "strength": 0.5, "seed": 5}),
            ("score", {"abc": tunes[:3]}),
        ],
        bad=[
            ["generate", "--count", "0"],
            ["generate", "--primer", "no.abc", "--output", "out"],
            ["generate", "--primer", "bad.abc", "--output", "out"],
            ["train", "--data.path", "no.abc"],
            ["train", "--data.path", "bad.abc"],
            ["train", "--model.units", "0"],
        ],
        files={"bad.abc": "no tune\n"},
        without_noise={"model": {"dropout": 0.0, "recurrent_dropout": 0.0}},
    )


def test_sentiment(tmp_path):
    testing.check_task(
        sentiment.TASK,
        data={
            "path": reviews.write(tmp_path / "toy.csv", 90),
            "ngrams": 20,
            "batch_size": 16,
        },
        model={
            "units": 5,
            "embedding": 4,
            "dropout": 0.3,
            "word_dropout": 0.1,
            "shortcut": True,
        },
        fit={"epochs": 3, "seed": 3, "learning_rate": 0.02, "clip": 0.1},
        calls=[("classify", {"texts": TEXTS}), ("explain", {"texts": TEXTS})],
        bad=[
            ["classify", "fine", "--abstain", "2"],
            ["classify", "--input", "no.csv", "--output", "old.csv"],
            ["classify", "--input", "old.csv", "--output", "old.csv"],
            ["train", "--data.path", "no.csv"],
            ["train", "--data.path", "old.csv"],
            ["train", "--model.units", "0"],
        ],
        files={"old.csv": "text,label\n"},
        without_noise={"model": {"dropout": 0.0, "word_dropout": 0.0}},
    )


def by_steps(model, x):
    source, written = x
    memory, states = model.encode(source)
    logits = []
    for t in range(written.shape[1]):
        one, states, _ = model.step(written[:, t], states, memory)
        logits.append(one[:, : model.arguments["target"]])
    return tf.stack(logits, 1)  # (batch, T, target)


def test_translation(tmp_path):
    path = tmp_path / "toy.tsv"
    pairs = generate_pairs(400, 1)
    rows = [  # of few lengths, each of which is compiled
        f"{source}\t{target}\n"
        for source, target in pairs
        if len(source.split()) == 4
    ]
    path.write_text("".join(rows), "utf-8")
    options = {"beam": 3, "nbest": 2}
    testing.check_task(
        translation.TASK,
        data={
            "path": path,
            "source_column": 1,
            "target_column": 2,
            "validation": 0.1,
            "test": 0.1,
            "vocabulary": 60,
            "target_vocabulary": 17,
            "batch_size": 16,
            "tokens": 0,
            "ratio": 0.0,
        },
        model={
            "units": 6,
            "embedding": 4,
            "cell": "simple_rnn",
            "dropout": 0.2,
        },
        fit={
            "epochs": 2,
            "seed": 3,
            "steps_per_epoch": 5,
            "learning_rate": 0.02,
            "average": 0.7,
            "clip": 0.1,
        },
        calls=[
            ("translate", {"texts": NUMBERS, **options}),
            ("translate", {"texts": NUMBERS, "beam": 1}),
            ("score", {"texts": NUMBERS, "translations": ["21", "", "7", "x"]}),
        ],
        bad=[
            ["translate", "one", "--beam", "0"],
            ["translate", "--input", "no.txt", "--output", "old.txt"],
            ["translate", "--input", "old.txt", "--output", "old.txt"],
            ["train", "--data.path", "no.tsv"],
            ["train", "--data.path", "old.txt"],
            ["train", "--model.units", "0"],
        ],
        files={"old.txt": "old\n"},
        without_noise={"model": {"dropout": 0.0}},
        by_steps=by_steps,
    )

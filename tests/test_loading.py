"""What is loaded is checked: arguments, files, operations, codecs."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqapps
from seqapps import InputError, export
from seqapps.cli import main
from seqapps.export import manifest, operations
from seqapps.tasks.music import TASK as MUSIC
from seqapps.tasks.sentiment import TASK as SENTIMENT
from seqapps.training import runs

TASKS = ("music", "sentiment", "translation")


def predictor(touch=None):
    """Doubles numbers and says texts again; `touch` is traced with them."""
    weight = keras.Variable(2.0)

    def double(texts, times=1, rate=1.0, loud=False):
        if touch:
            touch()
        tf.debugging.Assert(times > 0, ["times is above 0, not", times])
        value = weight * rate * tf.cast(times, tf.float32)
        return {"texts": tf.identity(texts), "value": value, "loud": loud}

    takes = [
        tf.TensorSpec([None], tf.string),
        tf.TensorSpec([], tf.int32),
        tf.TensorSpec([], tf.float32),
        tf.TensorSpec([], tf.bool),
    ]
    function = tf.function(double, takes, autograph=False)
    model = SimpleNamespace(variables=[weight])
    return SimpleNamespace(
        functions={"classify": function}, model=model, codec=tf.Module()
    )


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The function in process, and loaded."""
    made = predictor()
    path = tmp_path_factory.mktemp("models") / "1"
    seqapps.save(made, path, {"task": "sentiment"})
    return made.functions["classify"], seqapps.load(path), path


@pytest.fixture
def saved(both, tmp_path):
    """A copy of the saved model, to be damaged."""
    return Path(shutil.copytree(both[2], tmp_path / "copy"))


BAD = [
    (([5],), {}, r"texts\[0\]: a text is wanted, not 5"),
    ((5,), {}, "texts: a list of texts is wanted, not 5"),
    (("ab",), {}, "texts: a list of texts is wanted, not 'ab'"),
    (({"a": 1},), {}, "texts: a list"),
    (([None],), {}, r"texts\[0\].*None"),
    (([["a"], ["b", "c"]],), {}, r"texts\[0\]: a text"),
    ((["a", "\ud800"],), {}, r"texts\[1\]: a text in valid UTF-8"),
    (([b"\xff"],), {}, "valid UTF-8"),
    ((np.array([1.5]),), {}, r"texts\[0\]: a text is wanted, not 1.5"),
    (([],), {"times": 99999999999999999999}, "times: .*2147483647"),
    (([],), {"times": 2**32 + 1}, "4294967297"),
    (([],), {"times": 10**5000}, "times: a whole number"),
    (([],), {"times": 1.5}, "a whole number is wanted, not 1.5"),
    (([],), {"times": float("nan")}, "whole number is wanted, not nan"),
    (([],), {"times": True}, "not True"),
    (([],), {"times": [1]}, "not \\[1\\]"),
    (([],), {"times": None}, "not None"),
    (([],), {"times": 0}, "times is above 0, not 0"),
    (([],), {"rate": float("inf")}, "rate: a finite number"),
    (([],), {"rate": 1e300}, "rate: a number up to"),
    (([],), {"rate": 10**400}, "rate: a number up to"),
    (([],), {"rate": "1"}, "rate: a number is wanted, not '1'"),
    (([],), {"loud": 1}, "True or False is wanted, not 1"),
    (([],), {"tims": 1}, "no argument is named tims; did you mean times"),
    ((), {}, "texts is missing"),
    (([], 1, 1.0, True, 5), {}, "5 values for 4"),
    (([],), {"texts": []}, "texts is given twice"),
]


@pytest.mark.parametrize(("args", "kwargs", "says"), BAD)
def test_bad_arguments_are_named(both, args, kwargs, says):
    function, loaded, _ = both
    with pytest.raises(InputError, match=says) as caught:
        export.call(function, *args, **kwargs)
    assert "TensorSpec" not in str(caught.value)
    assert len(str(caught.value)) < 200
    with pytest.raises(InputError, match=says):
        loaded.classify(*args, **kwargs)


@pytest.mark.parametrize(
    ("texts", "right"),
    [
        ([], []),
        (("a", b"b"), ["a", "b"]),
        (np.array(["a"]), ["a"]),
        (iter(["a"]), ["a"]),
        (tf.constant(["a"]), ["a"]),
    ],
)
def test_good_arguments_are_taken(both, texts, right):
    answer = both[1].classify(texts, np.int64(3), rate=2, loud=np.True_)
    assert answer == {"texts": right, "value": 12.0, "loud": True}


THREADS = """
import sys
from concurrent.futures import ThreadPoolExecutor
import seqapps
model = seqapps.load(sys.argv[1])
bad = [dict(texts=[5]), dict(texts=["a"], times=10**20), dict(texts=None),
       dict(texts=["a"], times=0), dict(texts=["a"], nothing=1)]
def one(i):
    if i % 2:
        try:
            model.classify(**bad[i // 2 % len(bad)])
        except seqapps.InputError:
            return "refused"
    return model.classify([str(i)], i % 7 + 1)
with ThreadPoolExecutor(8) as pool:
    together = list(pool.map(one, range(2000)))
assert together == [one(i) for i in range(2000)]
assert together.count("refused") == 1000
print("done")
"""


def test_eight_threads_are_not_stopped_by_bad_calls(both):
    done = subprocess.run(
        [sys.executable, "-c", THREADS, str(both[2])],
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.stdout == "done\n", done.stderr[-2000:]


# -- files ---------------------------------------------------------------------


def flip(path):
    data = bytearray((path / "saved_model.pb").read_bytes())
    data[len(data) // 2] ^= 1
    (path / "saved_model.pb").write_bytes(data)


def link(path):
    outside = path.parent / "outside"
    (path / "saved_model.pb").rename(outside)
    (path / "saved_model.pb").symlink_to(outside)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (flip, "differs from what was exported in saved_model.pb"),
        (lambda p: (p / "new").write_text(""), "not exported with new"),
        (
            lambda p: next(p.glob("variables/*.index")).unlink(),
            "lacks variables/variables.index",
        ),
        (lambda p: (p / manifest.NAME).write_text("x"), "line 1"),
        (lambda p: (p / manifest.NAME).write_bytes(b"\xff"), "be read"),
        (link, "saved_model.pb is a link"),
    ],
)
def test_a_changed_file_is_found(saved, damage, says):
    damage(saved)
    for read in (seqapps.load, seqapps.inspect):
        with pytest.raises(InputError, match=says):
            read(saved)


def test_inspect_says_whether_there_are_checksums(saved):
    assert "checksums: 4 files are as exported" in seqapps.inspect(saved)
    (saved / manifest.NAME).unlink()
    assert "checksums: there are none" in seqapps.inspect(saved)
    assert seqapps.load(saved).classify([])["texts"] == []


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000]
)
def test_a_broken_description_is_one_line(saved, content):
    (saved / manifest.NAME).unlink()
    (saved / "assets.extra/seqapps.json").write_bytes(content)
    with pytest.raises(InputError, match=r"seqapps.json"):
        seqapps.load(saved)


@pytest.mark.parametrize("task", TASKS)
def test_what_ships_has_checksums_and_only_computes(task):
    path = export.shipped_model(task)
    assert manifest.check(path) == 4
    assert operations.reaching_out(path) == []


@pytest.mark.parametrize("verb", ["generate", "evaluate", "inspect"])
def test_another_tasks_model_is_refused(both, verb, capfd):
    with pytest.raises(SystemExit) as left:
        main(MUSIC, [verb, "--from", str(both[2])])
    assert left.value.code == 2
    line = capfd.readouterr().err
    assert line.count("\n") == 1
    assert "is a model of sentiment, not of music" in line


# -- operations ----------------------------------------------------------------


def test_a_graph_that_writes_needs_trust(tmp_path, capfd):
    mark = tmp_path / "mark"
    path = tmp_path / "1"
    made = predictor(lambda: tf.io.write_file(str(mark), "x"))
    seqapps.save(made, path, {"task": "sentiment"})
    with pytest.raises(InputError, match="WriteFile in .*--trust"):
        seqapps.load(path)
    assert "does more than compute: WriteFile" in seqapps.inspect(path)
    for verb in (["classify", "a"], ["evaluate"]):
        with pytest.raises(SystemExit) as left:
            main(SENTIMENT, [*verb, "--from", str(path)])
        assert left.value.code == 2
        assert "WriteFile" in capfd.readouterr().err
    assert not mark.exists()
    seqapps.load(path, trust=True).classify(["a"])
    assert mark.exists()


@pytest.mark.parametrize(
    ("touch", "op"),
    [
        (lambda: tf.io.read_file("x"), "ReadFile"),
        (lambda: tf.io.matching_files("*"), "MatchingFiles"),
        (
            lambda: tf.print("x", output_stream="file:///tmp/x"),
            "PrintV2",
        ),
        (lambda: tf.py_function(print, [1], []), "EagerPyFunc"),
        (lambda: tf.numpy_function(print, [1], []), "PyFunc"),
        (
            lambda: tf.raw_ops.DebugIdentity(
                input=1.0, debug_urls=["file:///tmp/x"]
            ),
            "DebugIdentity",
        ),
        (
            lambda: tf.raw_ops.SaveV2(
                prefix="x",
                tensor_names=["a"],
                shape_and_slices=[""],
                tensors=[tf.constant(1.0)],
            ),
            "SaveV2",
        ),
        (
            lambda: tf.raw_ops.RestoreV2(
                prefix="x",
                tensor_names=["a"],
                shape_and_slices=[""],
                dtypes=[tf.float32],
            ),
            "RestoreV2",
        ),
        (
            lambda: tf.while_loop(
                lambda i: i < 1,
                lambda i: (tf.strings.length(tf.io.read_file("x")) + i,),
                [tf.constant(0)],
            ),
            "ReadFile",
        ),
        (
            lambda: tf.raw_ops.TextLineDataset(
                filenames="x", compression_type="", buffer_size=1
            ),
            "TextLineDataset",
        ),
    ],
)
def test_operations_that_reach_out_are_found(tmp_path, touch, op):
    path = seqapps.save(predictor(touch), tmp_path / "1")
    assert any(f"{op} in " in line for line in operations.reaching_out(path))
    with pytest.raises(InputError, match="--trust"):
        seqapps.load(path)


def test_an_asset_outside_of_the_folder_is_refused(saved):
    from tensorflow.core.protobuf import saved_model_pb2

    (saved / manifest.NAME).unlink()
    file = saved / "saved_model.pb"
    for name in ("../x", "/etc/passwd", "C:\\x", "a/../../x"):
        graph = saved_model_pb2.SavedModel.FromString(file.read_bytes())
        del graph.meta_graphs[0].asset_file_def[:]
        graph.meta_graphs[0].asset_file_def.add(filename=name)
        file.write_bytes(graph.SerializeToString())
        with pytest.raises(InputError, match="outside of its folder"):
            seqapps.load(saved, trust=False)


# -- codecs --------------------------------------------------------------------

GOOD = {
    "module": "seqapps.tasks.music.codec.base",
    "class_name": "MusicCodec",
    "config": {},
    "registered_name": "seqapps>MusicCodec",
}


@pytest.mark.parametrize(
    "codec",
    [
        "",
        '{"module": ',
        "no JSON",
        "[]",
        "{}",
        "[" * 100_000,
        {**GOOD, "registered_name": "seqapps>None"},
        {**GOOD, "registered_name": 5, "module": 5},
        {**GOOD, "module": "marker", "registered_name": "marker>Codec"},
        {**GOOD, "module": "seqapps.tasks.music.marker"},
        {**GOOD, "module": "os", "class_name": "system", "config": "touch x"},
        {**GOOD, "module": "builtins", "registered_name": "eval"},
        {
            "class_name": "__lambda__",
            "config": {"value": ["YQ==", None, None]},
        },
        {**GOOD, "config": None},
        {**GOOD, "config": {"headers": 5, "tokens": 5, "lengths": 5}},
        {**GOOD, "module": "seqapps.tasks.sentiment.codec.base"},
    ],
    ids=range(16),
)
def test_a_broken_codec_is_one_line_and_runs_nothing(
    codec, tmp_path, monkeypatch
):
    (tmp_path / "marker.py").write_text("open('mark', 'w')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    text = codec if isinstance(codec, str) else json.dumps(codec)
    (tmp_path / "codec.json").write_text(text)
    with pytest.raises(InputError) as caught:
        runs.load_codec(tmp_path, MUSIC.name, MUSIC.build_model.__module__)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    assert not (tmp_path / "mark").exists()
    assert "marker" not in sys.modules


@pytest.mark.parametrize("damage", ["cut", "foreign", "empty", "versions"])
def test_a_damaged_run_names_the_file(damage, tmp_path):
    from seqapps import training

    (tmp_path / "recipe.toml").write_text("[data]\n[model]\n[fit]\n[devices]\n")
    (tmp_path / "versions.json").write_text("{}")
    made = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    made.save_weights(tmp_path / "best.weights.h5")
    weights = tmp_path / "best.weights.h5"
    data = weights.read_bytes()
    content = {
        "cut": data[: len(data) // 2],
        "foreign": b"x" * 99,
        "empty": b"",
    }
    if damage == "versions":
        (tmp_path / "versions.json").write_text("{")
    else:
        weights.write_bytes(content[damage])
    name = "versions.json" if damage == "versions" else weights.name

    @keras.saving.register_keras_serializable(package="loading")
    class Codec(tf.Module):
        def get_config(self):
            return {}

        @classmethod
        def from_config(cls, config):
            return cls()

    codec = keras.saving.serialize_keras_object(Codec())
    (tmp_path / "codec.json").write_text(json.dumps(codec))

    def load_data(): ...

    task = seqapps.Task(
        "loading", load_data, lambda codec: made, print, print, print
    )
    with pytest.raises(InputError, match=name):
        training.restore(task, tmp_path)


@pytest.fixture(scope="module")
def shipped():
    """The models that ship, by task."""
    return {task: seqapps.load(export.shipped_model(task)) for task in TASKS}


@pytest.mark.parametrize(
    "task, name, batches",
    [
        ("music", "score", 1),
        ("sentiment", "classify", 1),
        ("sentiment", "explain", 1),
        ("translation", "translate", 1),
        ("translation", "score", 2),
    ],
)
def test_no_texts_have_no_answers(task, name, batches, shipped):
    found = getattr(shipped[task], name)(*[[]] * batches)
    found.pop("labels", None)  # of the classes, whatever the texts
    assert len(found) > 2
    assert set(map(str, found.values())) == {"[]"}


@pytest.mark.parametrize("task", TASKS)
def test_every_served_output_has_the_batch_first(task, shipped):
    """A request for music has no batch, so its answer is one tune."""
    served = shipped[task]._module.signatures["serving_default"]
    gives = served.structured_outputs.values()
    firsts = {spec.shape[0] for spec in gives}
    assert firsts == {1 if task == "music" else None}


def test_shipped_models_are_found_from_anywhere(tmp_path, monkeypatch):
    from seqapps.export import shipped

    monkeypatch.chdir(tmp_path)
    newest = shipped.shipped_model("music")
    assert shipped.find_saved_model("saved_models/music") == newest
    assert shipped.find_saved_model(f"saved_models/music/{newest.name}")
    for name in ("saved_models/none", "saved_models/music/99", "music"):
        with pytest.raises(seqapps.InputError, match="no saved model"):
            shipped.find_saved_model(name)
    (tmp_path / "saved_models" / "music").mkdir(parents=True)
    with pytest.raises(seqapps.InputError, match="neither"):
        shipped.find_saved_model("saved_models/music")  # what is here wins

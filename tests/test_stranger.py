"""A task from outside the repository, in forty lines."""

STRANGER = '''
import keras, tensorflow as tf
import seqapps
from seqapps import cli
from seqapps.training.train_step import SequenceModel

@keras.saving.register_keras_serializable(package="parity")
class Codec(tf.Module):
    def encode(self, bits):
        return tf.strings.to_number(tf.strings.bytes_split(bits)).to_tensor()
    def get_config(self):
        return {}
    @classmethod
    def from_config(cls, config):
        return cls()

def load_data(*, rows: int = 256, batch_size: int = 32):
    """Bits, and whether the last two differ."""
    x = tf.cast(tf.random.stateless_uniform([rows, 5], [1, 2]) > .5, tf.float32)
    y = tf.cast(x[:, -1] != x[:, -2], tf.float32)[:, None]
    batches = tf.data.Dataset.from_tensor_slices((x[..., None], y))
    batches = batches.batch(batch_size)
    return seqapps.Data(batches, batches, batches, Codec())

def build_model(codec, *, units: int = 16):
    """One recurrent layer."""
    x = keras.Input((None, 1))
    y = keras.layers.Dense(1)(seqapps.layers.GRU(units)(x))
    model = SequenceModel(x, y)
    loss = keras.losses.BinaryCrossentropy(True, reduction="sum")
    model.compile("adam", loss)
    return model

class Judge:
    def __init__(self, model, codec):
        self.model, self.codec = model, codec
        def judge(bits):
            x = self.codec.encode(bits)[..., None]
            return {"odd": tf.sigmoid(self.model(x))[:, 0]}
        takes = [tf.TensorSpec([None], tf.string)]
        judge = tf.function(judge, takes)
        self.functions = {"judge": judge, "serving_default": judge}
    def judge(self, bits):
        return seqapps.export.call(self.functions["judge"], bits)["odd"]

def score(judge, data, *, bits: str = "00001"):
    """How sure it is."""
    return {"sure": judge.judge([bits])[0]}

def judge(judge, *texts, loud: bool = False):
    """Judge bits."""
    print(" ".join(f"{p:.3f}" for p in judge.judge(list(texts))))

TASK = seqapps.Task("parity", load_data, build_model, Judge, score, judge)
if __name__ == "__main__":
    cli.main(TASK)
'''


def test_a_strangers_task_trains_exports_and_runs(command, tmp_path):
    package = tmp_path / "parity"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(STRANGER)

    def run(*words):
        done = command(*words, cwd=tmp_path, module="parity")
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("train", "--model.units", "8", "--fit.epochs", "2")
    (log,) = tmp_path.glob("runs/parity/*/log.csv")
    rows = [line.split(",") for line in log.read_text().splitlines()]
    column = rows[0].index("loss")
    assert float(rows[2][column]) < float(rows[1][column])
    saved = run("export").strip()
    assert saved.endswith("saved_models/parity/1")
    bits = ["judge", "01011", "00001"]
    (trained,) = tmp_path.glob("runs/parity/*/recipe.toml")
    from_run = run(*bits, "--from", trained.parent)
    assert run(*bits, "--from", saved) == from_run
    assert len(from_run.split()) == 2
    assert "sure" in run("evaluate", "--from", saved)
    methods = run("inspect", "--from", saved)
    assert "judge(" in methods
    takes_and_gives = "(bits: string[None]) -> odd: float32[None]"
    assert f"serving_default{takes_and_gives}" in methods

"""Run as a script: calls a SavedModel where neither Keras nor we can be had.

`python plain_tensorflow.py SAVED_MODEL CALLS.json ANSWERS.json`
"""

import json
import sys


def main(saved: str, calls: str, answers: str) -> None:
    """Writes the answer to each call: its outputs by name.

    Args:
        saved: the folder of a SavedModel.
        calls: a JSON file, `[[method, {argument: value}], ...]`.
        answers: the JSON file to write, `[{output: value}, ...]`.
    """
    sys.modules.update({"keras": None, "seqapps": None})  # type: ignore
    import numpy as np
    import tensorflow as tf

    model = tf.saved_model.load(saved)
    results = []
    with open(calls, encoding="utf-8") as file:
        requests = json.load(file)
    for name, kwargs in requests:
        tensors = {
            key: tf.constant(value) if isinstance(value, list) else value
            for key, value in kwargs.items()
        }
        outputs = getattr(model, name)(**tensors)
        results.append(
            {
                key: np.asarray(value.numpy()).tolist()
                for key, value in outputs.items()
            }
        )
    with open(answers, "w", encoding="utf-8") as file:
        json.dump(results, file, default=lambda text: text.decode())


if __name__ == "__main__":
    main(*sys.argv[1:])

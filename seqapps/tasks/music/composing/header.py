"""Key, mode and metre of a tune that is to go on or to be varied."""

import tensorflow as tf

from seqapps.tasks.music.codec.lexer import TokenizedTune
from seqapps.tasks.music.codec.notes import NoteCodec


def resolve_header(
    codec: NoteCodec,
    tune: TokenizedTune,
    key: tf.Tensor | str,
    mode: tf.Tensor | str,
    meter: tf.Tensor | str,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Returns key, mode and metre: the tune's, or without one as requested.

    Args:
        codec: has the keys that the network knows.
        tune: without tokens, everything is as requested.
        key: a tonic; empty for any.
        mode: such as "minor"; empty for any.
        meter: such as "6/8"; empty for any.

    Raises:
        InvalidArgumentError: what is requested is not the tune's, or the
            network does not know its key.
    """
    no_tune = tf.size(tune.tokens) == 0
    key_id = codec.key_id(tune.key)
    tf.debugging.Assert(
        no_tune | (key_id >= 0),
        ["the key of the ABC is not one the network knows:", tune.key],
    )
    tonics, modes = zip(*codec.keys, strict=True)
    key_id = tf.maximum(key_id, 0)

    def resolve(
        name: str, requested: tf.Tensor | str, own: tf.Tensor
    ) -> tf.Tensor:
        tf.debugging.Assert(
            no_tune | (requested == "") | (requested == own),
            [
                f"the {name} of the ABC is",
                own,
                "- ask for that or for none, not for",
                requested,
            ],
        )
        return tf.where(no_tune, requested, own)

    return (
        resolve("key", key, tf.gather(tonics, key_id)),
        resolve("mode", mode, tf.gather(modes, key_id)),
        resolve("meter", meter, tune.meter),
    )

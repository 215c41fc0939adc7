"""Work on the texts of a batch that need it, inside the graph."""

from collections.abc import Callable

import tensorflow as tf


def change_where(
    texts: tf.Tensor,
    pattern: str,
    change: Callable[[tf.Tensor], tf.Tensor],
) -> tf.Tensor:
    """Changes the texts in which a pattern is found, and leaves the others.

    Args:
        texts: `(batch,)` strings.
        pattern: a regular expression of RE2.
        change: from `(some,)` strings to as many; it is not run for none.
    """
    found = tf.strings.regex_full_match(texts, f"(?s).*?(?:{pattern}).*")
    rows = tf.where(found)  # (some, 1)

    def changed() -> tf.Tensor:
        some = change(tf.gather_nd(texts, rows))
        return tf.tensor_scatter_nd_update(texts, rows, some)

    return tf.cond(tf.size(rows) > 0, changed, lambda: tf.identity(texts))


def replace_all(texts: tf.Tensor, rules: list[tuple[str, str]]) -> tf.Tensor:
    """Applies patterns and their replacements, in this order."""
    for pattern, replacement in rules:
        texts = tf.strings.regex_replace(texts, pattern, replacement)
    return texts

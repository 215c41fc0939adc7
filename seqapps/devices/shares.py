"""Shares: the rows of a batch that each replica gets."""

from typing import Any

from seqapps import private


def share_batches(dataset: Any, strategy: Any) -> Any:
    """Gives each replica its share of the rows of every batch.

    Replica k of R gets the rows kn/R up to (k + 1)n/R, rounded down, of a
    batch of n, so shares differ by a row at most; if there are fewer rows than
    replicas, some get none.

    Args:
        dataset: batches, the same for all workers.
        strategy: a `tf.distribute.Strategy`.

    Returns:
        What `Model.fit` takes as a dataset: the same one, for a replica.
    """
    import tensorflow as tf

    if strategy.num_replicas_in_sync == 1:
        return dataset

    def of_worker(context: Any) -> Any:
        replicas = context.num_replicas_in_sync
        local = replicas // context.num_input_pipelines
        first = context.input_pipeline_id * local

        def share(batch: Any, replica: Any) -> Any:
            rows = tf.shape(tf.nest.flatten(batch)[0], tf.int64)[0]
            start = rows * replica // replicas
            end = rows * (replica + 1) // replicas
            return tf.nest.map_structure(lambda x: x[start:end], batch)

        def shares(*batch: Any) -> Any:
            numbers = tf.data.Dataset.range(first, first + local)
            return numbers.map(lambda replica: share(batch, replica))

        parts = dataset.flat_map(shares)
        if batches == tf.data.INFINITE_CARDINALITY:
            parts = parts.apply(tf.data.experimental.assert_cardinality(-1))
        return parts.prefetch(tf.data.AUTOTUNE)

    batches = dataset.cardinality().numpy()
    shared = strategy.distribute_datasets_from_function(of_worker)
    private.set_cardinality(shared, batches)
    return shared

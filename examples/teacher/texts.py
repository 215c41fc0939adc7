"""The prepared texts as batches of ids."""

import numpy as np


class Texts:
    """Reads ids.npz; see prepare.py."""

    def __init__(self, path):
        with np.load(path) as file:
            self.ids, self.p = file["ids"], file["p"]
            self.lengths = file["lengths"].astype(np.int64)
            self.source = file["sources"][file["source"]]
            self.part_lengths = file["part_lengths"].astype(np.int64)
            self.words = int(file["words"])
        self.starts = np.cumsum(self.lengths) - self.lengths
        self.part_starts = np.cumsum(self.part_lengths) - self.part_lengths

    def rows(self, *sources):
        """Numbers of the texts of these sources."""
        return np.flatnonzero(np.isin(self.source, sources))

    def stream(self, sources, end, rng):
        """All texts of these sources in a row, in random order."""
        rows = rng.permutation(self.rows(*sources))
        parts = []
        for row in rows:
            start = self.starts[row]
            parts.append(self.ids[start : start + self.lengths[row]])
            parts.append([end])
        return np.concatenate(parts).astype(np.int32)

    def batch(self, rows, width, head=0, parts=False):
        """Ids `(rows, width)`, padded with 0, and lengths.

        A longer text keeps its first `head` words and its last.
        """
        starts = (self.part_starts if parts else self.starts)[rows]
        lengths = (self.part_lengths if parts else self.lengths)[rows]
        kept = np.minimum(lengths, width)
        steps = np.arange(width)[None]
        skipped = np.maximum(lengths - width, 0)[:, None]
        place = starts[:, None] + steps + skipped * (steps >= head)
        inside = steps < kept[:, None]
        ids = self.ids[np.where(inside, place, 0)].astype(np.int32)
        return np.where(inside, ids, 0), kept.astype(np.int32)

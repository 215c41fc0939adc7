"""The log of a run, as TensorBoard reads it."""

import contextlib
import errno
import os
import socket
import time
from pathlib import Path

import tensorflow as tf

_FORMAT = "brain.Event:2"  # the first record of such a file


class EventFile:
    """The file of events of a run: the numbers of each epoch, by name.

    A process that goes on with a run writes a file of its own, with the epochs
    before it, and removes the others: one that was killed may have written an
    epoch that counts for nothing, as no checkpoint had followed.

    Args:
        run: the folder.
        steps: of an epoch.
    """

    def __init__(self, run: Path, steps: int):
        self._run, self._steps = run, steps
        name = f"{int(time.time())}.{socket.gethostname()}.{os.getpid()}"
        self._path = run / f"events.out.tfevents.{name}"
        self._writer: tf.io.TFRecordWriter | None = None

    def write(self, log: dict[str, list[float]]) -> None:
        """Writes the last epoch; the first time, all.

        Args:
            log: one number an epoch, by name.

        Raises:
            OSError: of a full disk and the like.
        """
        if not log:
            return
        epochs = len(next(iter(log.values())))
        now = time.time()
        try:
            if self._writer is not None:
                self._write_epoch(self._writer, log, epochs - 1, now)
                self._writer.flush()
                return
            before = sorted(self._run.glob("events.out.tfevents.*"))
            times = _times(before)
            self._writer = tf.io.TFRecordWriter(str(self._path))
            first = tf.compat.v1.Event(wall_time=now, file_version=_FORMAT)
            self._writer.write(first.SerializeToString())
            for epoch in range(epochs):
                when = times.get((epoch + 1) * self._steps, now)
                self._write_epoch(self._writer, log, epoch, when)
            self._writer.flush()
        except tf.errors.OpError as error:
            reason = error.message.partition("\n")[0].rpartition("; ")[2]
            raise OSError(errno.EIO, reason, str(self._path)) from None
        for old in before:
            if old != self._path:
                old.unlink(missing_ok=True)

    def _write_epoch(
        self,
        writer: tf.io.TFRecordWriter,
        log: dict[str, list[float]],
        epoch: int,
        when: float,
    ) -> None:
        event = tf.compat.v1.Event(
            wall_time=when, step=(epoch + 1) * self._steps
        )
        for name, values in log.items():
            event.summary.value.add(tag=name, simple_value=values[epoch])
        writer.write(event.SerializeToString())


def _times(paths: list[Path]) -> dict[int, float]:
    """When the numbers of each step were written, as far as files tell."""
    times: dict[int, float] = {}
    for path in paths:
        with contextlib.suppress(tf.errors.OpError):  # cut short
            for record in tf.data.TFRecordDataset(str(path)):
                event = tf.compat.v1.Event.FromString(record.numpy())
                times.setdefault(event.step, event.wall_time)
    return times

"""Workers: the processes that train one model together, each on a machine."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from seqapps.errors import InputError, reason

_LONGEST = 4096  # bytes of a message
_FAILED = "\1"  # begins the message of an error
# What a worker says whose end follows from that of another.
WAS_LOST = "another worker was lost"
HAS_STOPPED = "another worker has stopped"
CANNOT_JOIN = "cannot join the workers"


class Workers:
    """The processes of a strategy; one alone, unless it is "multiworker".

    All of them make the same calls in the same order. The first, the chief,
    writes the files.

    Args:
        strategy: a `tf.distribute.Strategy`.
    """

    def __init__(self, strategy: Any):
        self._strategy = strategy
        self._function: Any = None
        resolver = strategy.cluster_resolver
        cluster = resolver.cluster_spec().as_dict() if resolver else {}
        chiefs = len(cluster.get("chief", ()))
        self.count = max(chiefs + len(cluster.get("worker", ())), 1)
        self.index = 0
        if self.count > 1:
            self.index = resolver.task_id
            self.index += chiefs * (resolver.task_type == "worker")

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the files."""
        return self.index == 0

    def on_chief(self, function: Callable[[], str | None]) -> str:
        """Calls a function in the chief alone; the others wait for it.

        Args:
            function: may return a short text.

        Returns:
            The text, in all workers.

        Raises:
            InputError: in all workers, if the function raised it in the chief.
        """
        if self.count == 1:
            return function() or ""
        message = ""
        try:
            if self.is_chief:
                message = function() or ""
        except BaseException as error:
            text = str(error) if isinstance(error, InputError) else ""
            self._told(_FAILED + (text or f"the chief: {reason(error)}"))
            raise
        message = self._told(message)
        if message.startswith(_FAILED):
            raise InputError(message[1:])
        return message

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Waits at the end of a block until all workers have come there.

        Raises:
            InputError: an error has ended the block of another worker.
        """
        try:
            yield
        except Exception:
            self.any(True)
            raise
        if self.any(False):
            raise InputError(f"{HAS_STOPPED}: see what it says")

    @contextlib.contextmanager
    def named_if_lost(self, line: Callable[[], str]) -> Iterator[None]:
        """Says in one line that another worker was lost in a block.

        Args:
            line: how to go on.

        Raises:
            InputError: another worker was lost.
        """
        import tensorflow as tf

        errors = tf.errors
        try:
            yield
        except (
            errors.UnavailableError,
            errors.AbortedError,
            errors.InternalError,
            errors.CancelledError,
            errors.DeadlineExceededError,
        ) as error:
            if self.count == 1:
                raise
            # of an error in a graph, one line among many
            why = [x for x in str(error).splitlines() if "aborted by" in x]
            text = reason(why[0] if why else error)
            raise InputError(f"{WAS_LOST} ({text}); {line()}") from error

    def any(self, flag: bool) -> bool:
        """Whether the flag of any worker is set."""
        return bool(max(self.gather(int(flag))))

    def gather(self, number: int) -> list[int]:
        """Returns the numbers of all workers, in their order."""
        if self.count == 1:
            return [number]
        place = [0] * self.count
        place[self.index] = number
        return [int(total) for total in self._sum(place)]

    def _told(self, message: str) -> str:
        """Returns the chief's message."""
        content = message.encode()[:_LONGEST] if self.is_chief else b""
        total = self._sum([*content.ljust(_LONGEST, b"\0")])
        return bytes(total).rstrip(b"\0").decode(errors="replace")

    def _sum(self, values: list[int]) -> list[int]:
        """Sums over the workers."""
        import tensorflow as tf

        if self._function is None:
            self._function = tf.function(self._sum_in_graph, autograph=False)
        return list(self._function(tf.constant(values)).numpy())

    def _sum_in_graph(self, values: Any) -> Any:
        import tensorflow as tf

        def share() -> Any:
            context = tf.distribute.get_replica_context()
            local = context.num_replicas_in_sync // self.count
            first = context.replica_id_in_sync_group % local == 0
            return context.all_reduce("sum", values * tf.cast(first, tf.int32))

        total = self._strategy.run(share)
        return self._strategy.experimental_local_results(total)[0]

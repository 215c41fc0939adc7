"""The processor cores of this machine that the process may use."""

import os


def cores() -> int:
    """The number of processor cores that this process may use."""
    if hasattr(os, "process_cpu_count"):  # since Python 3.13
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):  # on Linux alone
        return len(os.sched_getaffinity(0))  # noqa: TID251
    return os.cpu_count() or 1

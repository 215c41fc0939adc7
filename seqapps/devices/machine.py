"""What a machine has, as far as it can be known without TensorFlow."""

import contextlib
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from seqapps.devices.processors import cores

# of those a processor may have, the ones that products are faster by
_INSTRUCTIONS = (
    "avx avx2 fma avx512f avx512_vnni avx512_bf16 avx512_fp16 amx_tile "
    "amx_bf16 amx_int8 asimd sve sve2 bf16 i8mm"
).split()
_PACKAGES = ("seqapps", "tensorflow", "keras", "numpy", "ray")
_SECONDS = 10
_OF_GPUS = "name,memory.total,driver_version,compute_cap"


def machine() -> dict[str, Any]:
    """Returns processor, memory, GPUs and versions, by name."""
    facts = {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": cores(),
        "instructions": _instructions(),
        "memory_gib": _memory(),
        "gpus": list(_gpus()),
        "python": platform.python_version(),
    }
    for name in _PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            facts[name] = metadata.version(name)
    return facts


def _processor() -> str:
    found = re.search(r"(?m)^model name\s*: (.*)", _read("/proc/cpuinfo"))
    return found[1] if found else platform.processor() or platform.machine()


def _instructions() -> list[str]:
    """The instruction sets that the system names; Linux alone does."""
    found = re.search(
        r"(?m)^(?:flags|Features)\s*: (.*)", _read("/proc/cpuinfo")
    )
    there = set(found[1].split()) if found else set()
    return [name for name in _INSTRUCTIONS if name in there]


def _memory() -> float | None:
    """Of the machine, or of the container if that has less."""
    sizes = []
    if found := re.search(r"MemTotal:\s*(\d+) kB", _read("/proc/meminfo")):
        sizes.append(int(found[1]) / 2**20)
    limit = _read("/sys/fs/cgroup/memory.max").strip()
    if limit.isdigit():
        sizes.append(int(limit) / 2**30)
    return round(min(sizes), 1) if sizes else None


def _gpus() -> Iterator[dict[str, str]]:
    """What the driver of NVIDIA says; whether TensorFlow sees it is another."""
    program = shutil.which("nvidia-smi")
    if not program:
        return
    words = [program, f"--query-gpu={_OF_GPUS}", "--format=csv,noheader"]
    try:
        told = subprocess.run(
            words, capture_output=True, text=True, timeout=_SECONDS
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return
    for line in told.splitlines():
        values = [value.strip() for value in line.split(",")]
        if len(values) == 4:
            names = ("name", "memory", "driver", "capability")
            yield dict(zip(names, values, strict=True))


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except OSError:
        return ""

"""Settings of devices: which of them train, and how precisely."""

from dataclasses import dataclass
from typing import Literal

from seqapps.console.arguments import Options, Size

Name = Literal["auto", "one", "mirrored", "multiworker"]
Precision = Literal["float32", "mixed_bfloat16", "mixed_float16"]


@dataclass(frozen=True, kw_only=True)
class DeviceOptions(Options):
    """Where a model is trained; the table `[devices]` of a recipe.

    Args:
        name: "one" device; "mirrored" keeps a replica of the model on each
            GPU, or on each logical CPU device where there is no GPU, and sums
            the gradients; "multiworker" does so on all machines that TF_CONFIG
            or Slurm names; "auto" is "multiworker" if TF_CONFIG names several
            workers, else "mirrored" with two GPUs or more, else "one".
        cpus: split the CPU into this many logical devices first, to try
            "mirrored" on a machine without GPUs. 0 leaves it whole.
        precision: what layers compute in; "mixed_bfloat16" and "mixed_float16"
            keep weights, losses and metrics in float32.
    """

    name: Name = "auto"
    cpus: Size = 0
    precision: Precision = "float32"

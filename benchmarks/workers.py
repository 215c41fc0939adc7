"""What a step costs with several workers: bytes that are summed, and time.

    python benchmarks/workers.py [--workers 1 2 4] [--task music ...]

Workers are processes of this machine that sum their gradients over loopback
(`--devices.name multiworker`). Each takes steps of the network of a recipe, on
15 rows that are shared out (tasks/check). With more workers than cores they
wait for one another: what is left of the gain is printed beside the time.

"sent" is what a worker sends in a step if the sum goes round a ring: 2 (n - 1)
/ n of the gradients' bytes.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

from seqapps.testing.children import free_addresses, tf_config

_SECONDS = 900


def steps(task, workers):
    """The step of a task, as the first of so many workers measures it."""
    addresses = free_addresses(workers)
    with tempfile.TemporaryDirectory() as folder:
        job = {
            "name": "multiworker" if workers > 1 else "one",
            "cpus": 0,
            "precisions": ["float32"],
            "folder": folder,
            "tasks": [task],
            "seconds": 5.0,
            "steps": 20,
        }
        processes = []
        for index in range(workers):
            more = {"CUDA_VISIBLE_DEVICES": "-1"}
            if workers > 1:
                more["TF_CONFIG"] = tf_config(addresses, index)
            processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "seqapps.testing.steps"]
                    + [json.dumps(job)],
                    env={**os.environ, **more},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
        told = [process.communicate(timeout=_SECONDS) for process in processes]
    for process, (_, errors) in zip(processes, told, strict=True):
        if process.returncode:
            sys.exit(errors[-2000:])
    step = json.loads(told[0][0])
    if step["error"]:
        sys.exit(step["error"])
    return step


def main():
    """Prints a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    names = ["music", "sentiment", "translation"]
    parser.add_argument("--task", nargs="+", default=names, choices=names)
    arguments = parser.parse_args()
    print("| task | workers | weights | sent, MB | ms a step | of one worker |")
    print("|---|---|---|---|---|---|")
    for task in arguments.task:
        alone = None
        for workers in arguments.workers:
            step = steps(task, workers)
            sent = 2 * (workers - 1) / workers * step["weights"] * 4 / 1e6
            took = step["milliseconds"]
            alone = alone or took
            print(
                f"| {task} | {workers} | {step['weights']:,} | {sent:.1f} | "
                f"{took:.0f} | {took / alone:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()

"""Fuzzes a reader: `python tests/fuzz abc_file --minutes 10`.

`tests/fuzz/<name>.py` holds a target: `read(data: bytes)`, which may raise
`InputError` and nothing else. `tests/corpus/<name>/` holds where to begin:
small files of every kind, and what once failed. Atheris (coverage-guided)
looks for a traceback, for a call that takes over 5 s and for memory over
1 GB more than the reader takes idle; the input that failed is written to
`out/fuzz-<name>/`. `tests/test_fuzz.py` is the short form.
"""

import argparse
import contextlib
import io
import os
import resource
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


def main() -> None:
    """Runs one target until the time is over or something is found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "target", help="abc_file, midi_file, ...: a file of tests/fuzz"
    )
    parser.add_argument("--minutes", type=float, default=10)
    options = parser.parse_args()

    import atheris
    import fuzzing

    with atheris.instrument_imports(include=["seqapps"]):
        target = fuzzing.target(options.target)
    with contextlib.suppress(Exception):
        target.read(b"")  # imports what it needs
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

    def once(data: bytes) -> None:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            fuzzing.survive(target, data)

    seeds = fuzzing.CORPUS / options.target
    found = Path("out", f"fuzz-{options.target}")
    new = found / "new"
    new.mkdir(parents=True, exist_ok=True)
    words = [
        sys.argv[0],
        str(new),
        str(seeds),
        f"-max_total_time={int(60 * options.minutes)}",
        "-timeout=5",
        f"-rss_limit_mb={idle + 1024}",
        f"-artifact_prefix={found}/",
        "-max_len=20000",
        "-print_final_stats=1",
    ]
    words += [f"-dict={d}" for d in fuzzing.CORPUS.glob(f"{seeds.name}.dict")]
    atheris.Setup(words, once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

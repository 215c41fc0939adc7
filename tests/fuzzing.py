"""What the long fuzzers and the short form in the tests share."""

import importlib.util
from pathlib import Path

from hypothesis import strategies as st

from seqapps.errors import InputError

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
TARGETS = sorted(
    p.stem for p in (HERE / "fuzz").glob("*.py") if p.stem[0] != "_"
)


def target(name: str):
    """The module `tests/fuzz/<name>.py`."""
    path = HERE / "fuzz" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"fuzz_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def survive(module, data: bytes) -> None:
    """Reads; a line for the user is an answer, anything else is a fault."""
    try:
        module.read(data)
    except InputError as error:
        assert str(error).strip(), "an error without a word"


def seeds(name: str) -> list[bytes]:
    """The corpus of a target."""
    return [p.read_bytes() for p in sorted((CORPUS / name).iterdir())]


def mutated(name: str) -> st.SearchStrategy[bytes]:
    """Files of the corpus, cut, doubled, mixed and with bytes of anything."""
    files = seeds(name)
    part = st.tuples(
        st.sampled_from(files),
        st.integers(0, 10_000),
        st.integers(0, 200),
        st.integers(1, 3),
    ).map(lambda a: a[0][a[1] % (len(a[0]) + 1) :][: a[2]] * a[3])
    edit = st.tuples(st.integers(0, 10_000), part | st.binary(max_size=12))

    def apply(drawn):
        data, edits, cut = drawn
        for at, new in edits:
            at %= len(data) + 1
            data = data[:at] + new + data[at + (cut and len(new)) :]
        return data

    return st.tuples(
        st.sampled_from(files),
        st.lists(edit, max_size=6),
        st.booleans(),
    ).map(apply)

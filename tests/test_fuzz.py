"""The short form of the fuzzers: the corpus, then a few mutations of it."""

import time

import fuzzing
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EXAMPLES = 60


@pytest.mark.parametrize("name", fuzzing.TARGETS)
def test_the_corpus_is_read_or_refused(name):
    module = fuzzing.target(name)
    files = fuzzing.seeds(name)
    assert files
    for data in files:
        start = time.monotonic()
        fuzzing.survive(module, data)
        assert time.monotonic() - start < 30  # 5 s, on a machine that is busy


@pytest.mark.parametrize("name", fuzzing.TARGETS)
def test_mutations_are_read_or_refused(name):
    module = fuzzing.target(name)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def run(data):
        fuzzing.survive(module, data.draw(fuzzing.mutated(name)))

    run()

"""Arguments are what their annotations say, wherever they come from."""

from pathlib import Path
from typing import Literal

import pytest

from seqapps.console.arguments import (
    Amount,
    Count,
    Dropout,
    Positive,
    Probability,
    Seed,
    Share,
    checked,
    convert,
)
from seqapps.errors import InputError

INF, NAN = float("inf"), float("nan")


@pytest.mark.parametrize(
    "kind, value, why",
    [
        (int, 1.5, "whole"),
        (int, True, "whole"),
        (int, "3", "whole"),
        (int, 2**32 + 1, "at most 2147483647"),
        (int, 10**5000, "at most 2147483647"),
        (Count, 0, "1 or more"),
        (Count, 2**32 + 1, "at most 2147483647"),
        (Seed, -1, "0 or more"),
        (float, "1", "a number"),
        (float, True, "a number"),
        (float, INF, "finite"),
        (float, 10**400, "a number"),
        (Amount, NAN, "0 or more"),
        (Amount, INF, "0 or more"),
        (Positive, 0.0, "above 0"),
        (Positive, INF, "above 0"),
        (Share, 1.5, "from 0 to 1"),
        (Dropout, 1.0, "from 0 to below 1"),
        (Probability, 0, "above 0 to 1"),
        (bool, 1, "true or false"),
        (str, 3, "a text"),
        (str, {"a": 1}, "a table"),
        (Path, "", "an empty one"),
        (Path, "a\0b", "a path"),
        (Path | None, 3, "a path"),
        (Literal["lstm", "gru"], "lsmt", "did you mean 'lstm'"),
        (Literal[1, 2], True, "one of 1, 2"),
        (list[int], 3, "a list"),
        (list[int], [1, "x"], "whole"),
    ],
    ids=lambda x: None if isinstance(x, str) else "",
)
def test_what_does_not_fit_is_refused(kind, value, why):
    with pytest.raises(InputError) as refused:
        convert(kind, value)
    assert why in str(refused.value) and len(str(refused.value)) < 150


@pytest.mark.parametrize(
    "kind, value, right",
    [
        (Count, 2**31 - 1, 2**31 - 1),
        (int | None, None, None),
        (int | None, 3, 3),
        (float, 2, 2.0),
        (Share, 1, 1.0),
        (Path | None, "a b", Path("a b")),
        (str, "-x=1", "-x=1"),
        (list[str], ["-a", ""], ["-a", ""]),
        (complex, "of a stranger", "of a stranger"),
    ],
)
def test_what_fits_is_taken(kind, value, right):
    taken = convert(kind, value)
    assert taken == right and type(taken) is type(right)


def test_a_function_checks_its_own_arguments(tmp_path):
    from typing import Annotated

    from seqapps.console.paths import Writes

    @checked
    def copy(
        first,
        *,
        many: Count = 1,
        source: Path | None = None,
        output: Annotated[Path | None, Writes()] = None,
    ):
        return first, many, source, output

    file = tmp_path / "a"
    file.write_text("")
    assert copy(1) == (1, 1, None, None)
    assert copy(1, source=str(file)) == (1, 1, file, None)
    with pytest.raises(InputError, match="many is 1 or more"):
        copy(1, many=0)
    with pytest.raises(InputError, match="is the input"):
        copy(1, source=file, output=str(file))


@pytest.mark.parametrize(
    "words, said",
    [
        ("music generate --count 4294967297", "at most 2147483647"),
        ("music generate --count 1.5", "--count is a whole number"),
        ("music generate --count 1e3", "--count is a whole number"),
        ("music generate --count -1", "--count is 1 or more"),
        ("music generate --top-k 4294967297", "at most 2147483647"),
        ("music generate --top-k -1", "--top-k is 0 or more"),
        ("music generate --temperature inf", "--temperature is above 0"),
        ("music generate --temperature nan", "--temperature is above 0"),
        ("music generate --temperature -1", "--temperature is above 0"),
        ("music generate --temperature 0", "--temperature is above 0"),
        ("music generate --top-p 1.5", "--top-p is above 0 to 1"),
        ("music generate --seed -1", "--seed is 0 or more"),
        ("music generate --seed 99999999999999999999", "--seed is 0 or more"),
        ("music generate --strength 2", "--strength is above 0 to 1"),
        ("music generate --bars -4", "--bars"),
        ("music evaluate --tunes 0", "--tunes is 1 or more"),
        ("translation translate x --beam 0", "--beam is from 1 to"),
        ("translation translate x --nbest 9", "--nbest is from 1 to --beam"),
        ("translation translate x --no-repeat -1", "0 or more"),
        ("translation translate x --length-penalty nan", "0 or more"),
        ("sentiment classify x --abstain .6", "from 0 to 0.5"),
        ("sentiment classify x --abstain nan", "from 0 to 0.5"),
        ("music train --fit.epochs 0", "--fit.epochs is 1 or more"),
        ("music train --fit.seed -1", "--fit.seed is 0 or more"),
        ("music train --model.units 0", "--model.units is 1 or more"),
        ("music train --model.dropout 1", "--model.dropout is from 0"),
        ("music train --data.batch-size 0", "--data.batch-size is 1 or more"),
        ("music train --devices.cpus -1", "--devices.cpus is 0 or more"),
        ("translation train --data.ratio -1", "--data.ratio is 0 or more"),
        ("sentiment train --data.sure 2", "--data.sure is from 0 to 1"),
    ],
)
def test_numbers_are_checked_before_any_work(words, said, capfd):
    import importlib

    from seqapps import cli

    task, *words = words.split()
    module = importlib.import_module(f"seqapps.tasks.{task}")
    with pytest.raises(SystemExit) as left:
        cli.main(module.TASK, words)
    out, err = capfd.readouterr()
    assert left.value.code == 2 and out == ""
    assert len(err.splitlines()) == 1 and said in err

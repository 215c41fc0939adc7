"""The contract that every task keeps, as checks for any task.

```python
from pathlib import Path

from parity import TASK
from seqapps import testing

def test_parity_keeps_the_contract():
    testing.check_task(
        TASK,
        data={"rows": 72, "batch_size": 16},
        model={"units": 5},
        fit={"epochs": 2},
        calls=[("judge", {"bits": ["01011", "00001"]})],
        bad=[["judge", "--louder"]],
    )
```
"""

from typing import TYPE_CHECKING

from seqapps import lazy

if TYPE_CHECKING:
    from seqapps.testing.checks import CHECKS as CHECKS
    from seqapps.testing.checks import check_task as check_task
    from seqapps.testing.trial import ContractError as ContractError
    from seqapps.testing.trial import Trial as Trial

_HOME = {
    "check_task": "checks",
    "CHECKS": "checks",
    "Trial": "trial",
    "ContractError": "trial",
}
__all__ = list(_HOME)
__getattr__ = lazy.getter(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(__all__)

"""The error of music that cannot be brought to canonical form."""

DUPLICATE = "the same as another"


class Unusable(ValueError):
    """Music that has no canonical form; a note of the error says where.

    Args:
        reason: one of a few short phrases, so that reasons can be counted.
    """

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason

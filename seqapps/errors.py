"""The one error that is the user's to mend, and what any other says."""


class InputError(ValueError):
    """Something the user gave cannot be used; the message says what to do.

    The command line prints it as one line on standard error and exits with 2.
    """


def reason(error: BaseException) -> str:
    """The first line of what an error of any type says, or its type."""
    return (str(error).partition("\n")[0] or type(error).__name__)[:120]

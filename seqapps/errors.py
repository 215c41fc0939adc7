"""The error that the user can mend, and messages of other errors."""


class InputError(ValueError):
    """An input cannot be used; the message tells the user what to do.

    The command line prints it as one line on standard error and exits with 2.
    """


def reason(error: BaseException) -> str:
    """Returns the first line of an error's message, or its type."""
    return (str(error).partition("\n")[0] or type(error).__name__)[:120]

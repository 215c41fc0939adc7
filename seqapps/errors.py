"""The error that the user can mend, and messages of other errors."""

import re


class InputError(ValueError):
    """An input cannot be used; the message tells the user what to do.

    The command line prints it as one line on standard error and exits with 2.
    """


def reason(error: BaseException | str) -> str:
    """Returns the first line of an error's message, or its type.

    The place in a graph, with which TensorFlow begins, is left out.
    """
    line = re.sub(r"^\{\{[^}]*\}\} ", "", str(error).partition("\n")[0])
    return (line or type(error).__name__)[:120]

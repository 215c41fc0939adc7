"""The one error that is the user's to mend."""


class InputError(ValueError):
    """Something the user gave cannot be used; the message says what to do.

    The command line prints it as one line on standard error and exits with 2.
    """

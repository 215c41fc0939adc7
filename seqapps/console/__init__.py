"""What a terminal and its user need: flags, one-line errors, bars, Ctrl-C."""

"""The names that layers had, and still have in older weight files.

Keras finds a layer in a weight file by the attribute that holds it, and tries
all attributes that hold it.
"""

from operator import attrgetter


class FormerNames:
    """Attributes of `TranslationNetwork` before 0.2."""

    writer = property(attrgetter("target_rnn"))
    speaker = property(attrgetter("output_rnn"))
    begin = property(attrgetter("bridge"))
    squeeze = property(attrgetter("bottleneck"))
    narrow = property(attrgetter("value_projection"))
    say = property(attrgetter("output_hidden"))

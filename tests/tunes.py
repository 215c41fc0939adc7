"""Tunes for tests: a rich vocabulary, a network one can steer, a judge.

The judge reads ABC anew, in plain Python, and shares no code with the house.
"""

import re
from fractions import Fraction

import numpy as np
import tensorflow as tf

METERS = "2/4 3/8 3/4 4/4 5/4 6/8 9/8 12/8 2/2".split()
KEYS = [("C", "major"), ("F#", "minor"), ("Bb", "major"), ("A", "dorian")]
LINES = "| || |] |: :| :: [1 [2".split()
_LENGTHS = ["", "2", "3", "4", "6", "8", "3/2", "/2", "/4", "3/4"]
TOKENS = sorted(
    [
        *LINES,
        *(p + n for p in "C E G c ^F =c G, _B".split() for n in _LENGTHS),
        *(p + n + "-" for p in "CEGc" for n in ["", "2", "4", "/2"]),
        *"^F2- ^F- z z2 z4 z/2 (2 (3 (4 (6".split(),
    ]
)
_NOTE = re.compile(r"(\^\^|\^|__|_|=)?([A-Ga-g][,']*|z)(\d*)(?:/(\d+))?(-?)")
_TIMES = {2: 3, 3: 2, 4: 3, 6: 2}
_CLOSERS = ("||", "|:", ":|", "::", "|]")


def codec():
    from seqapps.tasks.music.codec.notes import NoteCodec

    headers = [[meter, *key, 1] for meter in METERS for key in KEYS]
    return NoteCodec(headers, TOKENS, [[8, 1], [12, 2], [20, 1]])


FORMS = ["4 4", "4r 4", "6r1 6r2", "5 7r", "8"]


def planned_codec():
    """A codec that knows kinds and forms of tunes."""
    from seqapps.tasks.music.codec.notes import NoteCodec

    headers = [[meter, *key, 1] for meter in METERS for key in KEYS]
    rhythms = {"6/8": "jig", "2/2": "reel", "4/4": "reel", "3/4": "waltz"}
    forms = [
        [meter, mode, rhythm, form, 1]
        for meter in METERS
        for mode in ("major", "minor", "dorian")
        for rhythm in sorted({"", rhythms.get(meter, "")})
        for form in FORMS
    ]
    return NoteCodec(headers, TOKENS, [[8, 1], [12, 2], [20, 1]], forms)


class Steered:
    """A network that always likes the same tokens, whatever came before."""

    def __init__(self, codec):
        self.names = codec.vocabulary.tokens
        self.bias = tf.Variable(tf.zeros(len(codec)))

    def like(self, *likings):
        """Sets the logits: pairs of a test of tokens and what it adds."""
        values = [sum(w * bool(f(t)) for f, w in likings) for t in self.names]
        self.bias.assign(np.array(values, np.float32))

    def initial_states(self, batch):
        return []

    def step(self, inputs, states):
        return tf.tile(self.bias[None], [tf.shape(inputs)[0], 1]), states

    def __call__(self, inputs, training=False):
        return tf.broadcast_to(
            self.bias, [*tf.unstack(tf.shape(inputs)[:2]), len(self.names)]
        )


def parts(abc):
    """Metre in eighths, what `K:` says, and the tokens of the body."""
    head, _, rest = abc.partition("\nK:")
    field, _, body = rest.partition("\n")
    over, under = re.search(r"\nM:(\d+)/(\d+)", head).groups()
    return Fraction(8 * int(over), int(under)), field, body.split()


def length(note):
    """Eighths of a note as written; 0 for what is none."""
    m = _NOTE.fullmatch(note)
    return Fraction(int(m[3] or 1), int(m[4] or 1)) if m else Fraction(0)


def measures(tokens):
    """`[lines before, eighths, tokens, lines after]` between bar lines."""
    rows, scale, left = [["", Fraction(0), [], ""]], Fraction(1), 0
    for token in tokens:
        if token in LINES:
            if rows[-1][2]:
                rows.append(["", Fraction(0), [], ""])
            rows[-1][0] = f"{rows[-1][0]} {token}".strip()
            continue
        if token[0] == "(":
            left = int(token[1])
            scale = Fraction(_TIMES[left], left)
        else:
            rows[-1][1] += length(token) * (scale if left > 0 else 1)
            left -= 1
        rows[-1][2].append(token)
    for before, after in zip(rows, rows[1:], strict=False):
        before[3] = after[0]
    return rows if rows[-1][2] else rows[:-1]


def faults(abc, bars=None, form=None):
    """What is wrong with a composed tune; empty when nothing is."""
    whole, _, tokens = parts(abc)
    wrong = [*misread(tokens)]
    if wrong:
        return wrong
    if tokens[-1] not in ("|]", ":|") or tokens[0] in LINES:
        return [f"from {tokens[0]} to {tokens[-1]}"]
    if "|]" in tokens[:-1]:
        return ["it goes on after |]"]
    sections = [[]]
    for measure in measures(tokens):
        sections[-1].append(measure)
        if measure[3] in _CLOSERS:
            sections.append([])
    if sections.pop():
        return ["the last section is open"]
    opening = sections[0][0]
    pickup = opening[1] if opening[1] < whole and opening[3] == "|" else 0
    if 2 * pickup > whole:
        wrong.append("the pick-up is too long")
    total, repeats = 0, []
    for n, section in enumerate(sections):
        if pickup and section[0][1] != pickup:
            wrong.append(f"section {n} has another pick-up")
        full = section[bool(pickup) :]
        wrong += [f"section {n}: {w}" for w in _bars(full, whole, pickup)]
        total += len(full)
        endings = any(m[0] == "| [1" for m in full)
        repeats.append(endings or section[-1][3] in (":|", "::"))
        signed = section[0][0] in ("|:", "::")
        if n and repeats[n] != signed:
            wrong.append(f"section {n} opens with {section[0][0]}")
    if bars and total != bars:
        wrong.append(f"{total} bars, not {bars}")
    if form:
        runs = [m[0] for m in re.finditer(r"(.)\1*", form)]
        if repeats != [len(run) == 2 for run in runs]:
            return [*wrong, f"repeats {repeats} for {form}"]
        seen = {}
        for run, section in zip(runs, sections, strict=True):
            if len(section[bool(pickup) :]) * len(runs) != total:
                wrong.append("sections are not equal")
            notes = [m[2] for m in section]
            if seen.setdefault(run[0], notes) != notes:
                wrong.append(f"{run} is no copy")
    return wrong


def misread(tokens):
    """Faults of ties, tuplets and unknown tokens."""
    tie = ""
    for i, token in enumerate(tokens):
        note = _NOTE.fullmatch(token)
        if token[0] == "(":
            group = tokens[i + 1 : i + 1 + int(token[1])]
            lengths = {length(t) for t in group}
            if len(lengths) != 1 or 0 in lengths or len(group) < int(token[1]):
                yield f"tuplet {token} {group}"
        elif note:
            if tie and (note[2] != tie or note[1]):
                yield f"a tie of {tie} leads to {token}"
            tie = note[2] if note[5] else ""
            if tie == "z":
                yield "a tied rest"
        elif token not in LINES:
            yield f"strange {token}"
        elif tie and token != "|":
            yield f"a tie over {token}"


def _bars(full, whole, pickup):
    """Faults of a section's bars, the pick-up left aside."""
    for i, (before, duration, _, after) in enumerate(full):
        last = i == len(full) - 1 or after == ":| [2"
        if duration != (whole - pickup if last else whole):
            yield f"bar {i} holds {duration}"
        if i and before not in ("|", "| [1", ":| [2"):
            yield f"bar {i} after {before}"
    one = [i for i, m in enumerate(full) if m[0] == "| [1"]
    two = [i for i, m in enumerate(full) if m[0] == ":| [2"]
    if len(one) != len(two) or len(one) > 1:
        yield "endings that do not match"
    elif one:
        if two[0] - one[0] != len(full) - two[0]:
            yield "unequal endings"
        if full[-1][3] in (":|", "::"):
            yield "a repeat after ending 2"

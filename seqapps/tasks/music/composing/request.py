"""What is asked for, made into a prompt and a guide for the walk."""

from typing import NamedTuple

import tensorflow as tf

from seqapps import text
from seqapps.tasks.music.codec import lexer as primers
from seqapps.tasks.music.composing.step import Guide
from seqapps.tasks.music.grammar import form as forms

_MANY = 10**6  # bars
_AHEAD = 64  # bars that a tune may go on for, unless they are asked for
_ROOM = 512  # tokens: few sizes, so that little is compiled


class Request(NamedTuple):
    """A prompt, and what the tunes must keep to.

    Args:
        meters: numbers of metres, `(batch,)`.
        keys: numbers of keys, `(batch,)`.
        prompt: `(batch, given)` ids; what the network does not know is
            numbered behind its vocabulary.
        pieces: what those numbers say.
        guide: for the walk.
        length: tokens that are enough.
    """

    meters: tf.Tensor
    keys: tf.Tensor
    prompt: tf.Tensor
    pieces: tf.Tensor
    guide: Guide
    length: tf.Tensor


def read(
    codec, key, mode, meter, bars, form, primer, count, seed, constrained
) -> Request:
    """Makes a request of plain values.

    Raises:
        InvalidArgumentError: it asks for what cannot be.
    """
    count = tf.maximum(count, 1)  # less is refused, but not before this runs
    given = primers.open_end(primers.read(primer))
    primed = tf.size(given.pieces) > 0
    tf.debugging.Assert(
        primed | (tf.strings.strip(primer) == ""), ["the primer has no note"]
    )
    key, mode, meter = primers.headers(codec, given, key, mode, meter)
    meters, keys = codec.choose(key, mode, meter, count, seed)
    plan = forms.read(form, bars)
    first = tf.where(plan.strict, plan.bars[0], tf.where(bars > 0, bars, _MANY))
    ids = codec.number(given.pieces, keys[0])
    ticks = tf.concat([codec.ticks, given.ticks], 0)
    new = tf.boolean_mask(given.pieces, ids >= len(codec))
    tuplets = tf.strings.regex_full_match(new, r"\([2-9]")
    tf.debugging.Assert(
        ~tf.reduce_any(tuplets),
        ["the network knows no such tuplet:", new],
    )
    sounding = tf.where(given.ticks > 0)[-1:, 0]
    tf.debugging.Assert(
        tf.reduce_all(tf.gather(ids, sounding) < len(codec))
        | ~_tied(tf.gather(given.pieces, sounding)),
        ["the primer ends with a tie from a note too rare: leave it off"],
    )
    now, place = _follow(codec, meters[:1], keys[:1], ids, ticks, first, plan)
    rows, plan = _bars(codec, now, place, first, plan, count, seed)
    total = tf.maximum(tf.reduce_max(rows), tf.reduce_sum(plan.bars))
    prompt = tf.concat(
        [codec.prompt(meters, keys), tf.tile(ids[tf.newaxis], [count, 1])], 1
    )
    room = tf.shape(prompt)[1] + codec.of_a_bar * (total + 1)
    room += (-room) % _ROOM
    guide = Guide(plan, rows, ticks, tf.cast(constrained, tf.bool))
    return Request(meters, keys, prompt, given.pieces, guide, room)


def _tied(pieces):
    return tf.reduce_any(tf.strings.regex_full_match(pieces, ".*-"))


def _follow(codec, meters, keys, ids, ticks, first, plan):
    """Where the tune stands after the primer, which is checked."""
    clock, grammar = codec.clock, codec.grammar
    tokens = tf.concat([codec.prompt(meters, keys)[0], ids], 0)

    def body(i, now, place, wrong):
        token = tokens[i][tf.newaxis]
        known = tf.where(token < len(codec), token, text.UNKNOWN)
        length = tf.gather(ticks, token)
        after = clock.advance(known, now, length)
        fine = grammar.timely(known, now, after, place, plan)[0]
        bar = now.bar[0] + tf.where(place.pickup[0] > 0, 0, 1)
        wrong = tf.where(fine | (wrong > 0), wrong, bar)
        place = grammar.advance(known, now, place, plan, length)
        return i + 1, after, place, wrong

    start = (
        tf.constant(0),
        clock.start(1),
        grammar.start(first[tf.newaxis], plan),
        tf.constant(0),
    )
    _, now, place, wrong = tf.while_loop(
        lambda i, *_: i < tf.size(tokens), body, start
    )
    tf.debugging.Assert(
        wrong == 0,
        ["the primer does not fit its metre or the form in bar", wrong],
    )
    tf.debugging.Assert(
        now.left[0] == 0, ["the primer ends within a tuplet: complete it"]
    )
    return now, place


def _bars(codec, now, place, first, plan, count, seed):
    """Bars of the first section of each tune, that it can come out in.

    Args:
        codec: draws them where none are asked for.
        now: the clock after the primer, `(1,)`.
        place: the other registers.
        first: bars of the first section; `_MANY` where none are asked for.
        plan: the form.
        count: how many tunes.
        seed: of the draw.
    """
    before = tf.reduce_sum(plan.bars[: place.part[0]])
    whole = tf.where(plan.strict, plan.bars[place.part[0]], first)
    done = before + whole - place.left[0]
    tf.debugging.Assert(
        place.left[0] > 0,
        ["the primer has", done, "bars or more already: ask for more bars"],
    )

    def come_out(left, plan):
        many = tf.size(left)
        here, there = tf.nest.map_structure(
            lambda register: tf.repeat(register, many), (now, place)
        )
        there = there._replace(left=left)
        return codec.grammar.goes_on(here, there, plan)

    ahead = tf.range(1, _AHEAD + 1)
    fine = come_out(ahead, plan._replace(shortest=4))
    later = fine & (ahead >= ahead[:, tf.newaxis])
    drawn = codec.choose_bars(count, done + 1, seed) - done
    drawn = tf.gather(
        1 + tf.argmax(tf.cast(later, tf.int32), 1, tf.int32),
        tf.minimum(drawn, _AHEAD) - 1,
    )
    free = first == _MANY
    left = tf.where(free, drawn, place.left)
    rows = tf.where(free, done + left, tf.fill([count], first))
    plan = plan._replace(
        shortest=tf.clip_by_value(tf.reduce_min(rows) // 2, 1, 4)
    )
    primed = now.bar[0] + now.place[0] > 0
    tf.debugging.Assert(
        ~primed | tf.reduce_all(come_out(left, plan)),
        [
            "the last bar or ending of the primer cannot come out in",
            tf.where(plan.strict, tf.reduce_sum(plan.bars), rows[0]),
            "bars: ask for more bars",
        ],
    )
    return rows, plan

"""Counts headers, lengths, forms and tokens of training tunes for a codec."""

from collections import Counter
from typing import Any

from seqapps.tasks.music.notation.bars import BAR_LINES, ENDINGS, count_bars
from seqapps.tasks.music.notation.key_signature import key_field
from seqapps.tasks.music.notation.sections import (
    ENDING_BARS,
    MOST_SECTIONS,
    Section,
    split_sections,
    write_form,
)
from seqapps.tasks.music.notation.spelling import to_c

_MAX_BARS = 48  # of the lengths that a codec samples
_MAX_FORM_BARS = 64  # of the forms that it samples
_MANY_TUNES = 100  # from here on a token must occur twice to be learned


def count_headers(tunes: list[dict[str, str]]) -> list[list[Any]]:
    """Returns `[metre, key, mode, count]`, sorted."""
    headers = Counter(
        (tune["meter"], tune["key"], tune["mode"]) for tune in tunes
    )
    return [[*row, count] for row, count in sorted(headers.items())]


def count_lengths(tunes: list[dict[str, str]]) -> list[list[float]]:
    """Returns `[bars, count]` of the tunes whose bars are a multiple of 4."""
    counts: Counter[int] = Counter()
    for tune in tunes:
        body = _body(tune)
        bars = count_bars(tune["meter"], body)
        if bars % 4 == 0 and 0 < bars <= _MAX_BARS:
            counts[bars] += 1
    return [[bars, n] for bars, n in sorted(counts.items())] or [[16, 1]]


def count_forms(tunes: list[dict[str, str]]) -> list[list[Any]]:
    """Returns `[metre, mode, rhythm, form, count]`, sorted.

    The form is as `write_form` writes it; rare ones that the grammar does not
    have are left out.
    """
    counts: Counter[tuple[str, ...]] = Counter()
    for tune in tunes:
        sections = split_sections(tune["meter"], _body(tune))
        if is_regular(sections):
            kind = tune["meter"], tune["mode"], tune.get("rhythm", "")
            counts[*kind, write_form(sections)] += 1
    return [[*row, n] for row, n in sorted(counts.items())]


def is_regular(sections: list[Section]) -> bool:
    """Returns whether the grammar of composed tunes has these sections."""
    return (
        len(sections) <= MOST_SECTIONS
        and sum(section.bars for section in sections) <= _MAX_FORM_BARS
        and all(
            section.ending_bars in (0, *ENDING_BARS)
            and section.bars > 2 * section.ending_bars
            for section in sections
        )
    )


def _body(tune: dict[str, str]) -> str:
    return tune["abc"].split("\nK:")[1].partition("\n")[2]


def build_vocabulary(tunes: list[dict[str, str]], tokens: str) -> list[str]:
    """Returns the tokens that occur twice in the training tunes, sorted.

    If there are few tunes, once is enough. All bar lines are included, or all
    characters of a header.
    """
    counts: Counter[str] = Counter()
    for tune in tunes:
        body = _body(tune)
        if tokens == "characters":
            field = key_field(tune["key"], tune["mode"])
            counts.update(f"{tune['meter']}\n{field}\n{body}")
            continue
        for token in body.split():
            spelled = to_c(token, tune["key"], tune["mode"])
            if spelled is not None:
                counts[spelled] += 1
    least = 2 if len(tunes) >= _MANY_TUNES else 1
    learned = {token for token, count in counts.items() if count >= least}
    if tokens == "characters":
        return sorted(learned.union("0123456789/ABCDEFG#bmajindoxlyphrc"))
    return sorted(learned.union(BAR_LINES, ENDINGS))

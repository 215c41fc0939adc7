"""Numbers, kept as they are and written as the other language writes them."""

import tensorflow as tf

from seqapps.tasks.translation.codec.untranslatable import SYMBOL

# digits in groups, with a decimal part; times, dates, phone numbers, ranges
_GROUPED = rf"[0-9]{{1,3}}(?:{SYMBOL}[0-9]{{3}})+(?:[.,][0-9]+)?"
_GROUPED_BY_SPACES = r"[1-9][0-9]{0,2}(?: [0-9]{3})+(?:,[0-9]+)?"
_PHONE = r"(?:\+[0-9]{1,3}[ -])?[0-9]{2,4}(?:[ -][0-9]{2,4}){2,}"
_NUMBER = r"[0-9]+(?:[.,:/-][0-9]+)+|[0-9]{2,}"
_ADDRESS = r"(?:[12][0-9]{2}\.){3}[12][0-9]{2}"  # of a computer
_UNIT = r"(?:km/h|kWh|[kcm]m|[mk]g|ml|hs?|[ap]m|[KMG]B|[kMG]?Hz)"
_WITH_UNIT = rf"[0-9]+(?:[.,:][0-9]+)*{_UNIT}"
# what stands between groups of three digits, and before a decimal part
_WRITTEN = {
    "de": (".", ","),
    "en": (",", "."),
    "es": (".", ","),
    "fr": ("\u202f", ","),
}
_SPACE = "[ \u00a0\u202f]"
_GROUP, _DECIMAL = "\ufdd0", "\ufdd1"  # stand for these


def pattern(language: str) -> str:
    """A pattern of numbers of two or more digits, for `protection`."""
    found = [_WITH_UNIT, _GROUPED, _PHONE, _NUMBER]
    if language == "fr":
        found.insert(0, _GROUPED_BY_SPACES)
    return "|".join(f"(?:{alternative})" for alternative in found)


def rewrite(texts: tf.Tensor, source: str, target: str) -> tf.Tensor:
    """Writes numbers in the other language's form.

    1.200,50 of Spanish or German is 1,200.50 in English, and 1 200,50 in
    French. What is no such number stays: times, dates, and those that are
    already written in the other way, or might be.

    Args:
        texts: `(some,)` strings.
        source: the language that they are from: "de", "en", "es" or "fr".
        target: the language that they are for.
    """
    if source not in _WRITTEN or target not in _WRITTEN:
        return texts
    group, decimal = _WRITTEN[source]
    between = _SPACE if source == "fr" else rf"\{group}"
    grouped = rf"[0-9]{{1,3}}(?:{between}[0-9]{{3}})+(?:\{decimal}[0-9]+)?"
    with_decimals = rf"[0-9]+\{decimal}[0-9]+"
    is_number = tf.strings.regex_full_match(texts, f"{grouped}|{with_decimals}")
    # 1,200: a thousand and two hundred, or one and two tenths
    is_number &= ~tf.strings.regex_full_match(
        texts, rf"[1-9][0-9]{{0,2}}\{decimal}[0-9]{{3}}"
    )
    is_number &= ~tf.strings.regex_full_match(texts, _ADDRESS)
    new_group, new_decimal = _WRITTEN[target]
    written = texts
    for old, new in (
        (rf"\{decimal}", _DECIMAL),
        (between, _GROUP),
        (_DECIMAL, new_decimal),
        (_GROUP, new_group),
    ):
        written = tf.strings.regex_replace(written, old, new)
    return tf.where(is_number, written, texts)

"""An HTML page, without other files, of what each word contributed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape as escape_tags
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

from seqapps import files
from seqapps.tasks.sentiment.evaluation.abstention import (
    NEUTRAL,
    is_neutral,
    should_abstain,
)
from seqapps.text.strings import to_valid_utf8

_BATCH_SIZE = 8
_MIN_SHARE = 0.05  # of the strongest contribution; a weaker one has no colour
_TOP_WORDS = 5  # listed below the text
_TOP_PAIRS = 4  # likewise
_MIN_INTERACTION = 0.05  # in log-odds; a weaker pair is not listed
# characters that change the direction of writing
_BIDI_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


@dataclass(frozen=True)
class Explanation:
    """A text, its predicted label, and the words' contributions to it.

    Args:
        tokens: words and punctuation; the middle of a long text is left out.
        contributions: of each token, to the log-odds of the label.
        label: the predicted one.
        probability: of the label.
        change: the sum of the contributions.
        truth: the right label, or "" if it is unknown.
        unsure: whether the classifier abstains.
        interactions: of each token and the next one; empty if unknown.
        interactions_2: of each token and the next but one, likewise.
    """

    tokens: Sequence[str]
    contributions: Sequence[float]
    label: str
    probability: float
    change: float
    truth: str = ""
    unsure: bool = False
    interactions: Sequence[float] = ()
    interactions_2: Sequence[float] = ()


def explain(
    classifier: Any,
    texts: Sequence[str],
    abstain: float = 0.0,
    neutral: float = 0.0,
) -> list[Explanation]:
    """Explains the predicted label of each text.

    Args:
        classifier: a `Classifier`, or a loaded saved model.
        texts: few, because each is evaluated at many points.
        abstain: see `abstention.should_abstain`.
        neutral: see `abstention.is_neutral`.
    """
    explanations = []
    for i in range(0, len(texts), _BATCH_SIZE):
        results = classifier.explain(
            [to_valid_utf8(text) for text in texts[i : i + _BATCH_SIZE]]
        )
        for k, row in enumerate(results["tokens"]):
            length = len([token for token in row if token])
            probabilities = results["probabilities"][k]
            label = results["label"][k]
            if is_neutral(probabilities, results["labels"], neutral):
                label = NEUTRAL
            explanations.append(
                Explanation(
                    row[:length],
                    results["contributions"][k][:length],
                    label,
                    results["probability"][k],
                    results["change"][k],
                    unsure=should_abstain(probabilities, abstain),
                    **{  # an older saved model has none
                        name: results[name][k][:length]
                        for name in ("interactions", "interactions_2")
                        if name in results
                    },
                )
            )
    return explanations


def write_page(
    path: Path, explanations: Sequence[Explanation], title: str = ""
) -> None:
    """Writes the page of these explanations, in their order."""
    title = title or "What the words contributed"
    files.write_file(path, html(explanations, title))


def html(explanations: Sequence[Explanation], title: str) -> str:
    """Renders the page."""
    template = resources.files(__package__).joinpath("page.html")
    return Template(template.read_text("utf-8")).substitute(
        title=escape(title),
        texts="\n".join(map(_article, explanations)),
    )


def escape(text: str) -> str:
    """Escapes a text so that it holds no tag and no change of direction."""
    return escape_tags(to_valid_utf8(text).translate(_BIDI_CONTROLS))


def _article(explanation: Explanation) -> str:
    pairs = list(
        zip(explanation.tokens, explanation.contributions, strict=True)
    )
    largest = max((abs(amount) for _, amount in pairs), default=0) or 1.0
    words = "".join(_word(token, amount, largest) for token, amount in pairs)
    top = sorted(pairs, key=lambda pair: -abs(pair[1]))[:_TOP_WORDS]
    listed = ", ".join(
        f"{escape(token)} {amount:+.2f}" for token, amount in top
    )
    truth = (
        f", but it is {escape(explanation.truth)}" if explanation.truth else ""
    )
    label = ("unsure: " if explanation.unsure else "") + escape(
        explanation.label
    )
    return (
        f"<article><h2>{label} {explanation.probability:.1%}{truth}"
        f"</h2>\n<p>{words.strip() or '<i>no words</i>'}</p>\n"
        f'<p class="how">strongest: {listed or "none"}; all words together '
        f"{explanation.change:+.2f}</p>{_pairs(explanation)}</article>"
    )


def _pairs(explanation: Explanation) -> str:
    """The pairs of words that say most together, as chips."""
    tokens = explanation.tokens
    found = [
        (amount, escape(f"{tokens[t]} {between} {tokens[t + gap]}"))
        for gap, between, amounts in (
            (1, "·", explanation.interactions),
            (2, "…", explanation.interactions_2),
        )
        for t, amount in enumerate(amounts[: max(len(tokens) - gap, 0)])
        if abs(amount) >= _MIN_INTERACTION
    ]
    if not found:
        return ""
    found.sort(key=lambda pair: -abs(pair[0]))
    largest = abs(found[0][0])
    chips = " ".join(
        f'<span class="chip w {"for" if amount > 0 else "against"}" '
        f'style="--a:{0.75 * abs(amount) / largest:.2f}">{words} '
        f"{amount:+.2f}</span>"
        for amount, words in found[:_TOP_PAIRS]
    )
    return f'\n<p class="how">together: {chips}</p>'


def _word(token: str, contribution: float, largest: float) -> str:
    # no space before punctuation that follows a word directly
    space = "" if re.fullmatch(r"[.,;:!?)\]}%…]", token) else " "
    share = abs(contribution) / largest
    if share < _MIN_SHARE:
        return (
            f'{space}<span title="{contribution:+.3f}">{escape(token)}</span>'
        )
    side = "for" if contribution > 0 else "against"
    return (
        f'{space}<span class="w {side}" style="--a:{0.75 * share:.2f}" '
        f'title="{contribution:+.3f}">{escape(token)}</span>'
    )

"""What each word contributed, as one page that is whole in itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape as escape_
from importlib import resources
from pathlib import Path
from string import Template

from seqapps import files
from seqapps.text.strings import clean

_TOGETHER = 8  # texts that are explained at once
_LEAST = 0.05  # of the strongest contribution; a weaker one has no colour
_STRONG = 5  # words that are named beside the text
_TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


@dataclass(frozen=True)
class Reason:
    """A text, its label, and why.

    Args:
        tokens: its words and marks; a long text's middle is left out.
        contributions: of each, to the log-odds of the label.
        label: what was said.
        probability: of the label.
        change: what the contributions should sum to.
        truth: the right label, where it is known.
        unsure: whether the label leads by too little to be said.
    """

    tokens: Sequence[str]
    contributions: Sequence[float]
    label: str
    probability: float
    change: float
    truth: str = ""
    unsure: bool = False


def unsure(chances: Sequence[float], abstain: float) -> bool:
    """Whether the likeliest class leads the next by less than twice this."""
    second, first = sorted(chances)[-2:]
    return first - second < 2 * abstain


def reasons(
    classifier, texts: Sequence[str], abstain: float = 0.0
) -> list[Reason]:
    """Asks a classifier why, a few texts at a time."""
    found = []
    for i in range(0, len(texts), _TOGETHER):
        said = classifier.explain(
            [clean(text) for text in texts[i : i + _TOGETHER]]
        )
        for k, row in enumerate(said["tokens"]):
            length = len([token for token in row if token])
            found.append(
                Reason(
                    row[:length],
                    said["contributions"][k][:length],
                    said["label"][k],
                    said["probability"][k],
                    said["change"][k],
                    unsure=unsure(said["probabilities"][k], abstain),
                )
            )
    return found


def write(path: Path, reasons: Sequence[Reason], title: str = "") -> None:
    """Writes the page.

    Args:
        path: where.
        reasons: the texts, in order.
        title: of the page.
    """
    files.write(path, html(reasons, title or "What the words contributed"))


def html(reasons: Sequence[Reason], title: str) -> str:
    """The text of the page."""
    template = resources.files(__package__).joinpath("page.html")
    return Template(template.read_text("utf-8")).substitute(
        title=escape(title),
        texts="\n".join(map(_article, reasons)),
    )


def escape(text: str) -> str:
    """A text in HTML, in which nothing is a tag or turns its direction."""
    return escape_(clean(text).translate(_TURNS))


def _article(reason: Reason) -> str:
    pairs = list(zip(reason.tokens, reason.contributions, strict=True))
    most = max((abs(share) for _, share in pairs), default=0) or 1.0
    words = "".join(_word(token, share, most) for token, share in pairs)
    strong = sorted(pairs, key=lambda pair: -abs(pair[1]))[:_STRONG]
    named = ", ".join(
        f"{escape(token)} {share:+.2f}" for token, share in strong
    )
    truth = f", but it is {escape(reason.truth)}" if reason.truth else ""
    label = ("unsure: " if reason.unsure else "") + escape(reason.label)
    return (
        f"<article><h2>{label} {reason.probability:.1%}{truth}"
        f"</h2>\n<p>{words.strip() or '<i>no words</i>'}</p>\n"
        f'<p class="how">strongest: {named or "none"}; all words together '
        f"{reason.change:+.2f}</p></article>"
    )


def _word(token: str, share: float, most: float) -> str:
    # marks that stand at the end of a word in print have no blank before them
    blank = "" if re.fullmatch(r"[.,;:!?)\]}%…]", token) else " "
    strength = abs(share) / most
    if strength < _LEAST:
        return f'{blank}<span title="{share:+.3f}">{escape(token)}</span>'
    side = "for" if share > 0 else "against"
    return (
        f'{blank}<span class="w {side}" style="--a:{0.75 * strength:.2f}" '
        f'title="{share:+.3f}">{escape(token)}</span>'
    )

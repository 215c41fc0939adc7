"""How good translations are, in the measures that papers report."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from seqapps.console.arguments import Amount, Count, Range, Size, checked
from seqapps.console.paths import Writes
from seqapps.errors import InputError
from seqapps.tasks.translation import command
from seqapps.tasks.translation.codec.limits import WIDEST

_BUCKETS = (8, 12, 16, 24)  # words of a source: 1-8, 9-12, ..., 25 and more


@checked
def score(
    translator,
    data,
    *,
    split: Literal["test", "validation"] = "test",
    beam: Annotated[int, Range(1, WIDEST)] = 5,
    length_penalty: Amount = 1.0,
    coverage_penalty: Amount = 0.0,
    greedy: bool = True,
    limit: Size = 0,
    batch_size: Count = 64,
    output: Annotated[
        Path | None,
        Writes(inside=("translations.tsv", "examples.txt", "by_length.png")),
    ] = None,
    escape_formulas: bool = False,
) -> dict[str, float]:
    """Measure translations of held-out texts: BLEU, chrF and perplexity.

    BLEU and chrF are sacrebleu's, from 0 to 100, and the last lines are its
    signatures, with which the numbers can be had again. Most numbers published
    for Multi30k are of lower-cased, tokenised texts: compare them with the
    lower-cased BLEU.

    Args:
        translator: a `Translator`, or a loaded saved model.
        data: what `load_data` gave.
        split: which texts: choose by "validation", report "test".
        beam: as `translate` has it.
        length_penalty: as `translate` has it.
        coverage_penalty: as `translate` has it.
        greedy: also measure what a beam of 1 says.
        limit: how many pairs, from the first; 0 for all.
        batch_size: sentences that are translated at the same time.
        output: a folder for translations.tsv, all of them with a chrF and a
            BLEU each; examples.txt, the 20 worst and the 20 best; and
            by_length.png.
        escape_formulas: put an apostrophe before cells of translations.tsv
            that begin with = + - @ or a tab, so that no spreadsheet runs them.

    Returns:
        The measures by their names, and the signatures with a NaN each.
    """
    ranking = command.options(
        beam=beam,
        length_penalty=length_penalty,
        coverage_penalty=coverage_penalty,
    )
    sources, references = (
        list(side)[: limit or None] for side in data.examples[split]
    )
    if not sources:
        raise InputError(f"there are no pairs to {split}: see --data.path")
    if output:
        output.mkdir(parents=True, exist_ok=True)
    results: dict[str, float] = {f"{split} pairs": len(sources)}
    said: list[str] = []
    for width in dict.fromkeys([beam, 1] if greedy else [beam]):
        how = f"beam {width}" if width > 1 else "greedy"
        found = translations(
            translator, sources, ranking | {"beam": width}, batch_size, how
        )
        said = said or found  # what is looked at closely is the first
        results |= {
            f"BLEU, {how}": bleu(found, references),
            f"BLEU lower-cased, {how}": bleu(found, references, True),
            f"chrF, {how}": chrf(found, references),
            f"length to the references', {how}": ratio(found, references),
        }
    results["perplexity a sub-word"] = _perplexity(
        translator, sources, references, batch_size
    )
    table = by_length(sources, said, references)
    for name, (number, count) in table.items():
        results[f"BLEU lower-cased, {name} words ({count:,})"] = number
    if output:
        from seqapps.tasks.translation.rendering import report

        rows = list(zip(sources, references, said, strict=True))
        report.write(output, rows, table, escape_formulas)
    return results | dict.fromkeys(signatures(), math.nan)


def translations(
    translator,
    sources: Sequence[str],
    options: dict,
    batch_size: int = 64,
    what: str = "translating",
) -> list[str]:
    """The best translation of each text, texts of like length together.

    Args:
        translator: a `Translator`, or a loaded saved model.
        sources: the texts.
        options: of `translate`.
        batch_size: texts that are translated at the same time.
        what: stands beside the bar.
    """
    from seqapps.console import terminal
    from seqapps.text import strings

    def said_of(batch):
        return translator.translate([sources[j] for j in batch], **options)

    found = [""] * len(sources)
    batches = strings.batches_by_length(sources, batch_size)
    made = strings.map_concurrently(said_of, batches)
    for batch, said in terminal.track(made, what, len(batches)):
        for j, texts in zip(batch, said["texts"], strict=True):
            found[j] = texts[0]
    return found


def bleu(
    said: Sequence[str], references: Sequence[str], lowercase: bool = False
) -> float:
    """How many runs of 1 to 4 words of all texts are in their references.

        BLEU = 100 * min(1, exp(1 - r / c)) * (p1 p2 p3 p4) ** (1 / 4)

    p_n is the share of the runs of n words said that are in the reference too;
    c words were said, where the references have r. Papineni et al. 2002,
    "BLEU: a method for automatic evaluation of machine translation".
    """
    return _bleu(lowercase).corpus_score(said, [references]).score


def chrf(said: Sequence[str], references: Sequence[str]) -> float:
    """An F score of runs of 1 to 6 characters; recall counts twice.

        chrF = 100 * 5 p r / (4 p + r)

    p and r are means over the lengths of runs. Popović 2015, "chrF: character
    n-gram F-score for automatic MT evaluation".
    """
    return _chrf().corpus_score(said, [references]).score


def ratio(said: Sequence[str], references: Sequence[str]) -> float:
    """Words that were said to words of the references, as BLEU counts them."""
    found = _bleu().corpus_score(said, [references])
    return found.sys_len / max(found.ref_len, 1)


def perplexity(log_probabilities, tokens) -> float:
    """exp(-sum_i log p_i / sum_i n_i): from how many, as it were, one draws.

    Args:
        log_probabilities: of each reference, natural logarithms.
        tokens: how many sub-words each has, its end counted.
    """
    return math.exp(-math.fsum(log_probabilities) / max(sum(tokens), 1))


def by_length(
    sources: Sequence[str], said: Sequence[str], references: Sequence[str]
) -> dict[str, tuple[float, int]]:
    """Lower-cased BLEU of texts whose sources are of like length.

    Returns:
        "9-12": the BLEU of those with so many words, and how many they are.
        Where there are none there is no entry.
    """
    groups: dict[int, list] = {}
    for source, *pair in zip(sources, said, references, strict=True):
        words = len(source.split())
        place = sum(words > most for most in _BUCKETS)
        groups.setdefault(place, []).append(pair)
    table = {}
    for place, pairs in sorted(groups.items()):
        least = _BUCKETS[place - 1] + 1 if place else 1
        name = f"{least}+"
        if place < len(_BUCKETS):
            name = f"{least}-{_BUCKETS[place]}"
        table[name] = (bleu(*zip(*pairs, strict=True), True), len(pairs))
    return table


def signatures() -> list[str]:
    """How sacrebleu computes what is reported: its own short forms."""
    metrics = {
        "BLEU": _bleu(),
        "BLEU lower-cased": _bleu(True),
        "chrF": _chrf(),
    }
    found = []
    for name, metric in metrics.items():
        metric.corpus_score(["a"], [["a"]])  # counts the references
        found.append(f"{name}: {metric.get_signature()}")
    return found


def _bleu(lowercase: bool = False):
    from sacrebleu.metrics import BLEU

    return BLEU(lowercase=lowercase, force=True)  # no word on its tokens


def _chrf():
    from sacrebleu.metrics import CHRF

    return CHRF()


def _perplexity(translator, sources, references, size: int) -> float:
    from seqapps.console import terminal
    from seqapps.text import strings

    sums, tokens = [], []
    for batch in terminal.track(
        strings.batches_by_length(references, size), "reading"
    ):
        known = translator.score(
            [sources[j] for j in batch], [references[j] for j in batch]
        )
        sums += known["log_probability"]
        tokens += known["tokens"]
    return perplexity(sums, tokens)

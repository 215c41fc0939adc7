"""BLEU, chrF and perplexity of a translator on held-out pairs."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from seqapps.console.arguments import Amount, Count, Size, checked
from seqapps.console.paths import Writes
from seqapps.errors import InputError
from seqapps.task import Data
from seqapps.tasks.translation.options import Beam, TranslateOptions

_BUCKETS = (8, 12, 16, 24)  # source lengths in words: 1-8, 9-12, ..., 25+


@checked
def score(
    translator: Any,
    data: Data,
    *,
    split: str = "test",
    beam: Beam = TranslateOptions.beam,
    length_penalty: Amount = TranslateOptions.length_penalty,
    coverage_penalty: Amount = TranslateOptions.coverage_penalty,
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

    BLEU and chrF are sacrebleu's, from 0 to 100; the last lines are its
    signatures, by which the numbers can be reproduced. Most numbers published
    for Multi30k are of lower-cased, tokenised texts: compare them with the
    lower-cased BLEU.

    Args:
        translator: a `Translator`, or a loaded saved model.
        data: of `load_data`.
        split: "validation", "test", or the name of a file of --data.extra.
        beam: as `translate` has it.
        length_penalty: as `translate` has it.
        coverage_penalty: as `translate` has it.
        greedy: also measure greedy search.
        limit: use this many pairs only; 0 uses all.
        batch_size: sentences per batch.
        output: a folder for translations.tsv, all translations with a chrF
            and a BLEU each; examples.txt, the 20 worst and the 20 best; and
            by_length.png.
        escape_formulas: put an apostrophe before cells of translations.tsv
            that begin with = + - @ or a tab, so that no spreadsheet runs them.

    Returns:
        The measures by name, and the signatures with NaN for a value.
    """
    ranking = asdict(
        TranslateOptions(
            beam=beam,
            length_penalty=length_penalty,
            coverage_penalty=coverage_penalty,
        )
    )
    sources, references = (
        list(side)[: limit or None]
        for side in (data.examples or {}).get(split, ((), ()))
    )
    if not sources:
        raise InputError(f"there are no pairs to {split}: see --data.path")
    if output:
        output.mkdir(parents=True, exist_ok=True)
    results: dict[str, float] = {f"{split} pairs": len(sources)}
    first: list[str] = []  # translations of the first search
    for width in dict.fromkeys([beam, 1] if greedy else [beam]):
        search = f"beam {width}" if width > 1 else "greedy"
        translations = best_translations(
            translator, sources, ranking | {"beam": width}, batch_size, search
        )
        first = first or translations
        results |= {
            f"BLEU, {search}": bleu(translations, references),
            f"BLEU lower-cased, {search}": bleu(translations, references, True),
            f"chrF, {search}": chrf(translations, references),
            f"length to the references', {search}": length_ratio(
                translations, references
            ),
        }
    results["perplexity a sub-word"] = _perplexity(
        translator, sources, references, batch_size
    )
    lengths = bleu_by_length(sources, first, references)
    for name, (value, count) in lengths.items():
        results[f"BLEU lower-cased, {name} words ({count:,})"] = value
    if output:
        from seqapps.tasks.translation.rendering import report

        rows = list(zip(sources, references, first, strict=True))
        report.write_report(output, rows, lengths, escape_formulas)
    return results | dict.fromkeys(signatures(), math.nan)


def best_translations(
    translator: Any,
    sources: Sequence[str],
    options: dict[str, Any],
    batch_size: int = 64,
    title: str = "translating",
) -> list[str]:
    """Translates texts in batches of similar length.

    Args:
        translator: a `Translator`, or a loaded saved model.
        sources: the texts.
        options: of `translate`.
        batch_size: texts per batch.
        title: of the progress bar.

    Returns:
        The best translation of each text.
    """
    from seqapps.console import terminal
    from seqapps.text import strings

    def translate(batch: list[int]) -> dict[str, Any]:
        return translator.translate([sources[i] for i in batch], **options)

    translations = [""] * len(sources)
    batches = strings.batches_by_length(sources, batch_size)
    results = strings.map_concurrently(translate, batches)
    for batch, result in terminal.track(results, title, len(batches)):
        for i, texts in zip(batch, result["texts"], strict=True):
            translations[i] = texts[0]
    return translations


def bleu(
    translations: Sequence[str],
    references: Sequence[str],
    lowercase: bool = False,
) -> float:
    """The corpus BLEU, by n-grams of 1 to 4 words.

        BLEU = 100 * min(1, exp(1 - r / c)) * (p1 p2 p3 p4) ** (1 / 4)

    p_n is the share of the n-grams of the translations that their references
    contain; c and r are the numbers of words of translations and references.
    Papineni et al. 2002, "BLEU: a method for automatic evaluation of machine
    translation".
    """
    return _bleu(lowercase).corpus_score(translations, [references]).score


def chrf(translations: Sequence[str], references: Sequence[str]) -> float:
    """The corpus chrF, an F2 score of n-grams of 1 to 6 characters.

        chrF = 100 * 5 p r / (4 p + r)

    with precision p and recall r averaged over n. Popović 2015, "chrF:
    character n-gram F-score for automatic MT evaluation".
    """
    return _chrf().corpus_score(translations, [references]).score


def length_ratio(
    translations: Sequence[str], references: Sequence[str]
) -> float:
    """Words of the translations per word of the references, as in BLEU."""
    result = _bleu().corpus_score(translations, [references])
    return result.sys_len / max(result.ref_len, 1)


def perplexity(
    log_probabilities: Sequence[float], tokens: Sequence[int]
) -> float:
    """The perplexity per sub-word, exp(-sum_i log p_i / sum_i n_i).

    Args:
        log_probabilities: of each reference, in nats.
        tokens: the number of its sub-words, END counted.
    """
    return math.exp(-math.fsum(log_probabilities) / max(sum(tokens), 1))


def bleu_by_length(
    sources: Sequence[str],
    translations: Sequence[str],
    references: Sequence[str],
) -> dict[str, tuple[float, int]]:
    """Lower-cased BLEU by the length of the source.

    Returns:
        For each range of words that occurs, such as "9-12", the BLEU and the
        number of pairs.
    """
    groups: dict[int, list[tuple[str, str]]] = {}
    for source, *pair in zip(sources, translations, references, strict=True):
        words = len(source.split())
        bucket = sum(words > most for most in _BUCKETS)
        groups.setdefault(bucket, []).append((pair[0], pair[1]))
    lengths = {}
    for bucket, pairs in sorted(groups.items()):
        least = _BUCKETS[bucket - 1] + 1 if bucket else 1
        name = f"{least}+"
        if bucket < len(_BUCKETS):
            name = f"{least}-{_BUCKETS[bucket]}"
        group, expected = zip(*pairs, strict=True)
        lengths[name] = (bleu(group, expected, True), len(pairs))
    return lengths


def signatures() -> list[str]:
    """The sacrebleu signatures of BLEU and chrF, as reported here."""
    metrics = {
        "BLEU": _bleu(),
        "BLEU lower-cased": _bleu(True),
        "chrF": _chrf(),
    }
    names = []
    for name, metric in metrics.items():
        metric.corpus_score(["a"], [["a"]])  # sets the number of references
        names.append(f"{name}: {metric.get_signature()}")
    return names


def _bleu(lowercase: bool = False) -> Any:
    from sacrebleu.metrics.bleu import BLEU

    return BLEU(lowercase=lowercase, force=True)  # without warnings


def _chrf() -> Any:
    from sacrebleu.metrics.chrf import CHRF

    return CHRF()


def _perplexity(
    translator: Any,
    sources: Sequence[str],
    references: Sequence[str],
    batch_size: int,
) -> float:
    from seqapps.console import terminal
    from seqapps.text import strings

    log_probabilities: list[float] = []
    tokens: list[int] = []
    batches = strings.batches_by_length(references, batch_size)
    for batch in terminal.track(batches, "reading"):
        result = translator.score(
            [sources[i] for i in batch], [references[i] for i in batch]
        )
        log_probabilities += result["log_probability"]
        tokens += result["tokens"]
    return perplexity(log_probabilities, tokens)

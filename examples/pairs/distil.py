"""What translators say of their training sentences, as pairs to learn from.

    python examples/pairs/distil.py --path spa.txt --to distilled.tsv
        --models saved_models/translation/1 saved_models/translation/2

Each Spanish sentence of the training split is translated with a beam of 5; of
the five the one is taken that is most like a reference (sequence-level
interpolation, Kim and Rush 2016), by BLEU of a sentence. Kept are those whose
words all stand in the references, and whose chrF is `--least` or more. A model
comes before the next one of the list, which is asked for what is left out.
Writes English, a tab, Spanish; what stands there already is not made again.
"""

import argparse
import random
import re
from collections import defaultdict
from pathlib import Path

import sacrebleu

import seqapps
from seqapps.console import terminal
from seqapps.files import write_file
from seqapps.tasks.translation.importers import pair_files, splitting

_BATCH = 64
_WORD = re.compile(r"[^\W\d_]+")


def references(path: Path) -> dict[str, list[str]]:
    """English sentences by the Spanish ones of the training split."""
    pairs = [p for p in pair_files.read_table(path, 2, 1, "", "") if all(p)]
    splits = splitting.complete_splits({"train": pairs}, 0.02, 0.02, 0)
    found: dict[str, list[str]] = defaultdict(list)
    for source, target in splits["train"]:
        found[source].append(target)
    return found


def best(texts: list[str], targets: list[str]) -> tuple[str, float]:
    """The translation most like a reference, and its chrF."""
    bleu, chrf = sacrebleu.BLEU(effective_order=True), sacrebleu.CHRF()

    def like(text: str, metric: sacrebleu.metrics.base.Metric) -> float:
        return max(metric.sentence_score(text, [t]).score for t in targets)

    text = max(texts, key=lambda text: like(text, bleu))
    return text, like(text, chrf)


def main(given: argparse.Namespace) -> None:
    """Writes the table."""
    known = references(given.path)
    words = {
        w for some in known.values() for t in some for w in _WORD.findall(t)
    }
    found: dict[str, str] = {}
    if given.to.exists():
        pairs = pair_files.read_table(given.to, 2, 1, "", "")
        found = dict(pairs)
    for model in given.models:
        translator = seqapps.load(model)
        left = [source for source in known if source not in found]
        random.Random(0).shuffle(left)
        left = sorted(left[: given.limit or None], key=len)
        starts = range(0, len(left), _BATCH)
        for start in terminal.track(starts, f"asking {model}", len(starts)):
            some = left[start : start + _BATCH]
            said = translator.translate(some, beam=5, nbest=5)["texts"]
            for source, texts in zip(some, said, strict=True):
                texts = [text for text in texts if text]
                if not texts:
                    continue
                text, chrf = best(texts, known[source])
                if chrf >= given.least and words.issuperset(
                    _WORD.findall(text)
                ):
                    found[source] = text
        write_file(given.to, "".join(f"{t}\t{s}\n" for s, t in found.items()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--path", type=Path, required=True)
    parser.add_argument("--models", type=Path, nargs="+", required=True)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--least", type=float, default=50.0)
    parser.add_argument(
        "--limit", type=int, default=0, help="sentences a model"
    )
    main(parser.parse_args())

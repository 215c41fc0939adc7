"""How well a translator knows what is good: fits the estimate, or measures it.

    python benchmarks/translation_quality.py --run runs/translation/NAME --fit
    python benchmarks/translation_quality.py --run runs/translation/NAME

Reads the pairs that the run held out. The estimate is fitted on pairs of
validation and on every other pair of each kind of `--data.extra`; it is
measured on test pairs, on the rest of the kinds, and on suites/travel.tsv.
Printed are Spearman's correlation with the chrF of a sentence, that of the
score alone, the mean quality beside the share that is good, and the share that
is unsure.
"""

import argparse
import random
from pathlib import Path
from typing import Any

import numpy as np
from translation_contact import row, table
from translation_contact_measures import sentence_chrf, spearman, translate
from translation_contact_texts import Pair, travel, untranslatable

from seqapps.tasks import translation
from seqapps.tasks.translation.fit import complete
from seqapps.tasks.translation.fitting.estimate import GOOD
from seqapps.training import load_predictor, runs


def measure(translator: Any, kinds: dict[str, list[Pair]], most: int) -> None:
    """Prints a line for each kind of pairs."""
    columns = "number", "chrF", "quality", "score", "good, %", "said, %"
    table("texts", *columns, "unsure, %")
    draw = random.Random(0)
    for name, pairs in kinds.items():
        some = draw.sample(pairs, min(most, len(pairs)))
        sources, references = zip(*some, strict=True)
        said = translate(translator, sources)
        chrf = np.array(list(map(sentence_chrf, said.texts, references)))
        row(
            name,
            len(chrf),
            float(chrf.mean()),
            f"{spearman(said.quality, chrf):.2f}",
            f"{spearman(said.scores, chrf):.2f}",
            float(100 * np.mean(chrf >= GOOD)),
            float(100 * np.mean(said.quality)),
            float(100 * np.mean(said.unsure)),
        )


def main(given: argparse.Namespace) -> None:
    """Fits, or prints the table."""
    data = runs.recipe_of(given.run, translation.build_model)["data"]
    examples = translation.load_data(**data).examples
    how = translation.build_model, translation.Translator
    translator = load_predictor(given.run, "translation", *how)
    if given.fit:
        codec = translator.codec
        codec.target_language = data.get("target_language", "")
        complete(translator.model, codec, examples)
        runs.write_codec(given.run, codec)
        print(codec.quality.get_config())
        return
    reverse = data.get("reverse", False)
    kinds = {
        "test": list(zip(*examples["test"], strict=True)),
        "travel": travel(reverse),
    }
    for name in examples:
        if name not in ("train", "validation", "test"):
            kinds[name] = list(zip(*examples[name], strict=True))[1::2]
    measure(translator, kinds, given.pairs)
    rows = untranslatable(reverse)
    said = translate(translator, [r["input"] for r in rows])
    mean, unsure = (100 * float(np.mean(x)) for x in said[2:])
    row("nonsense", len(rows), "", "", "", 0.0, mean, unsure)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--fit", action="store_true", help="write the codec")
    parser.add_argument("--pairs", type=int, default=300, help="a kind")
    main(parser.parse_args())

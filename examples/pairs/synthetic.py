"""Pairs with rare words: English sentences, and Spanish ones by Apertium.

    python examples/pairs/synthetic.py --known spa.txt --data-dir DIR
        --output runs/pairs

Of the reviews of IMDb that are no test reviews it takes short sentences whose
words are rare in the table of pairs (English, a tab, Spanish), at most five
for a word, and translates them into Spanish by the rules of Apertium (Debian:
apertium-eng-spa; GPL), for training from Spanish to English: the target is
what a person wrote. What Apertium does not know is left out. words.tsv has
words alone: those that come back the same, translated there and back.
"""

import argparse
import random
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

_WORD = re.compile(r"[A-Za-z']+")
_SENTENCE = re.compile(r"[A-Z\"'][A-Za-z0-9 ,.'!?:;-]+[.!?]")
_END = re.compile(r"(?<=[.!?])\s+|\n")
_UNKNOWN = re.compile(r"\*[a-z]|[@#]")
_OF_A_WORD, _RARE, _OFTEN = 5, 25, 12
_FRAMES = {
    "the {}": r"(?:el|la|los|las) \w+",
    "to {}": r"para \w+(?:ar|er|ir|ír)(?:se)?",
    "it is {}": r"(?:es|está) \w+",
}


def apertium(mode: str, texts: Sequence[str]) -> list[str]:
    """Translates a text a line."""
    said = subprocess.run(
        ["apertium", mode],
        input="\n".join(texts) + "\n",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [line.strip() for line in said.split("\n")[: len(texts)]]


def reviews(data_dir: Path) -> Iterable[str]:
    """The reviews that are no test reviews."""
    import tensorflow_datasets as tfds

    split = "train+unsupervised"
    for row in tfds.as_numpy(
        tfds.load("imdb_reviews", data_dir=data_dir, split=split)
    ):
        yield re.sub(r"<br\s*/?>", "\n", row["text"].decode())


def choose(texts: Iterable[str], known: Counter[str]) -> list[str]:
    """Short sentences, some for each word that is rare in `known`."""
    sentences, count = [], Counter()
    for text in texts:
        for sentence in _END.split(text):
            words = _WORD.findall(sentence)
            if 4 <= len(words) <= 16 and _SENTENCE.fullmatch(sentence):
                sentences.append(sentence)
                count.update({word.lower() for word in words})
    random.Random(0).shuffle(sentences)
    rare = {w for w, n in count.items() if n >= _OFTEN and known[w] < _RARE}
    used: Counter[str] = Counter()
    chosen = []
    for sentence in sentences:
        words = {word.lower() for word in _WORD.findall(sentence)} & rare
        if any(used[word] < _OF_A_WORD for word in words):
            chosen.append(sentence)
            used.update(words)
    return chosen


def sentence_pairs(sentences: Sequence[str]) -> list[tuple[str, str]]:
    """English and Spanish, but for what Apertium does not know."""
    pairs = []
    for english, spanish in zip(
        sentences, apertium("eng-spa", sentences), strict=True
    ):
        if not spanish or _UNKNOWN.search(spanish):
            continue
        spanish = " ".join(spanish.replace("*", "").split())
        spanish = re.sub(r" ([.,!?;:])", r"\1", spanish)
        if 0.6 < len(spanish) / len(english) < 1.7:
            pairs.append((english, spanish[0].upper() + spanish[1:]))
    return pairs


def word_pairs(words: Sequence[str]) -> list[tuple[str, str]]:
    """Words, nouns and verbs with "the" and "to"."""
    pairs = []
    for frame, form in _FRAMES.items():
        english = [frame.format(word) for word in words]
        spanish = [
            s.lower().rstrip(".")
            for s in apertium("eng-spa", [f"{text}." for text in english])
        ]
        back = apertium("spa-eng", [f"{text}." for text in spanish])
        for one, other, again in zip(english, spanish, back, strict=True):
            if again.lower() == f"{one}." and re.fullmatch(form, other):
                pairs.append((one, other.removeprefix("para ")))
    return pairs


def main(given: argparse.Namespace) -> None:
    """Writes sentences.tsv and words.tsv."""
    known: Counter[str] = Counter()
    for line in given.known.read_text("utf-8").splitlines():
        english = line.partition("\t")[0]
        known.update(word.lower() for word in _WORD.findall(english))
    sentences = choose(reviews(given.data_dir), known)
    count = Counter(w.lower() for s in sentences for w in _WORD.findall(s))
    rare = [w for w, n in count.items() if n > 2 and known[w] < 15 < 4 * len(w)]
    given.output.mkdir(parents=True, exist_ok=True)
    for name, pairs in (
        ("sentences", sentence_pairs(sentences)),
        ("words", word_pairs(rare)),
    ):
        path = given.output / f"{name}.tsv"
        path.write_text("".join(f"{a}\t{b}\n" for a, b in pairs), "utf-8")
        print(f"{path}: {len(pairs):,} pairs")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--known", type=Path, required=True)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--output", type=Path, default=Path("runs/pairs"))
    main(parser.parse_args())

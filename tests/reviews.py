"""Little reviews, made by rule, for the tests of sentiment."""

import csv
import random

_THINGS = ["film", "plot", "cast", "ending", "music", "story", "acting"]
_GOOD = ["good", "fine", "lovely", "clever", "moving"]
_BAD = ["bad", "dull", "silly", "weak", "boring"]
_OPENINGS = ["Well,", "I think", "For me", "Honestly,", "My friend said:"]
_LINKS = ["was", "is", "seemed"]


def sentence(chance: random.Random, good: bool) -> str:
    """One opinion; every third time by saying what it is not."""
    thing, link = chance.choice(_THINGS), chance.choice(_LINKS)
    opening = chance.choice(_OPENINGS)
    negated = chance.random() < 1 / 3
    word = chance.choice(_GOOD if good != negated else _BAD)
    return f"{opening} the {thing} {link} {'not ' * negated}{word}."


def rows(count: int, seed: int = 0) -> list[tuple[str, str]]:
    """Texts of one to four sentences, and "neg" or "pos"."""
    chance = random.Random(seed)
    made = []
    for i in range(count):
        good = i % 2 == 1
        length = chance.randint(1, 4)
        parts = [sentence(chance, good) for _ in range(length)]
        made.append(("<br />".join(parts), "pos" if good else "neg"))
    return made


def write(path, count: int = 150, seed: int = 0):
    """A CSV of them, with the columns label, text and id."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["label", "text", "id"])
        for i, (text, label) in enumerate(rows(count, seed)):
            writer.writerow([label, text, i])
    return path

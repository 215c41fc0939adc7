"""Pairs from files and collections: cleaned, split, made by rule."""

import datetime
import functools
import gzip
import http.server
import random
import threading
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from seqapps.errors import InputError
from seqapps.tasks.translation.importers import (
    filtering,
    pair_files,
    splitting,
    toy_pairs,
)

SHARED = Path(__file__).parents[2] / "shared" / "data" / "anki"
PAIRS = [("Ve.", "Go."), ("Vete.", "Go."), ("Sí.", "Yes."), ("Ve.", "Leave.")]


def write(path, content):
    raw = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
    return path


@pytest.mark.parametrize(
    "text, tidied",
    [
        ("  Wie\u00a0geht\u3000es \t\r\n dir ? ", "Wie geht es dir ?"),
        ("a\x00b\x1fc\x7fd\x85e\x9ff\u2028g\u2029h\fi", "a b c d e f g h i"),
        ("U\u0308ber cafe\u0301", "\u00dcber caf\u00e9"),
        ("\u212b", "\u00c5"),
        ("\ufb01 \u2460 Stra\u00dfe", "\ufb01 \u2460 Stra\u00dfe"),  # no NFKC
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        (" \t\n", ""),
    ],
    ids=ascii,
)
def test_blanks_are_collapsed_and_accents_composed(text, tidied):
    assert pair_files.normalise(text) == tidied


def test_only_a_line_feed_ends_a_line(tmp_path):
    content = "\ufeffein\u2028s\r\nz\fw\x85ei\n\n dr\rei \x0bvier"
    other = write(tmp_path / "b.en", "one\ntwo\n\nthree  four\n")
    expected = [("ein s", "one"), ("z w ei", "two"), ("", "")]
    expected += [("dr ei vier", "three four")]
    for name in ("a.de", "a.de.gz"):
        path = write(tmp_path / name, content)
        assert pair_files.read_aligned(path, other) == expected
        turned = [pair[::-1] for pair in expected]
        assert pair_files.read_aligned(other, path) == turned


def test_other_numbers_of_lines_are_refused(tmp_path):
    one = write(tmp_path / "a.de", "1\n2\n3\n")
    other = write(tmp_path / "b.en", "1\n2\n3\n4\n5\n6\n7\n")
    with pytest.raises(InputError) as error:
        pair_files.read_aligned(one, other)
    assert f"{one} has 3 lines and {other} has 7" in str(error.value)
    assert f"from line 4 on {one} has no" in str(error.value)
    with pytest.raises(InputError, match=r"from line 4 on \S*a\.de has no"):
        pair_files.read_aligned(other, one)
    more = write(tmp_path / "c.de", "1\n2\n3\n\n")  # a last line that is empty
    with pytest.raises(InputError, match="has 3 lines and .* has 4"):
        pair_files.read_aligned(one, more)


@pytest.mark.parametrize(
    "name, content, said",
    [
        (
            "a.de",
            b"1\t2\n" * 16 + b"\xff\xfe\nja\n",
            "a.de line 17 is not UTF-8",
        ),
        ("a.de", "ja\nnein\n".encode("utf-16-le"), "a.de line 1 has a NUL"),
        ("a.gz", b"1\t2\n\xe4\n", "a.gz line 2 is not UTF-8"),
        ("a.de", b"", "a.de is empty"),
        ("a.gz", b"", "a.gz is empty"),
        ("a.de", None, "there is no .*a.de"),
        ("a.gz", None, "there is no .*a.gz"),
    ],
    ids=str,
)
def test_files_that_cannot_be_read_say_so(tmp_path, name, content, said):
    other = write(tmp_path / "b.en", "yes\n" * 3)
    if content is not None:
        write(tmp_path / name, content)
    for read in (
        lambda path: pair_files.read_aligned(path, other),
        lambda path: pair_files.read_aligned(other, path),
        lambda path: pair_files.read_table(path, 1, 2),
    ):
        with pytest.raises(InputError, match=said) as error:
            read(tmp_path / name)
        assert "\n" not in str(error.value)


def test_every_form_of_a_file_is_read(tmp_path):
    text, other = "j\u00e0\nnein\n", write(tmp_path / "b.en", "a\nb\n")
    expected = [("j\u00e0", "a"), ("nein", "b")]
    path = tmp_path / "a.de"
    for codec, end, named in (
        ("utf-16", "\n", ""),
        ("utf-8-sig", "\r\n", ""),
        ("utf-8", "\r", ""),
        ("cp1252", "\r", "cp1252"),
    ):
        write(path, text.replace("\n", end).encode(codec))
        both = path, other
        if not named:
            assert pair_files.read_aligned(*both) == expected
        write(other, "a\nb\n".encode(named or "utf-8"))
        assert pair_files.read_aligned(*both, named) == expected
    sheet = '"j\u00e0, 1",x\r\nnein,y\r\n'
    path = write(tmp_path / "a.csv", sheet.encode("cp1252"))
    found = pair_files.read_table(path, 2, 1, "cp1252", ",")
    assert found == [("x", "j\u00e0, 1"), ("y", "nein")]
    write(path, b'a,b\n"c,d\n')
    with pytest.raises(InputError, match="line 2"):
        pair_files.read_table(path, 2, 1, "", ",")


def test_what_is_no_text_file_says_so(tmp_path):
    whole = gzip.compress(random.Random(0).randbytes(9999).hex().encode())
    for name, content in (("cut", whole[:5000]), ("plain", b"ja\n")):
        path = tmp_path / f"{name}.gz"
        path.write_bytes(content)
        with pytest.raises(InputError, match="cannot be decompressed"):
            pair_files.read_table(path, 1, 2)
    with pytest.raises(InputError, match="is a folder"):
        pair_files.read_aligned(tmp_path, path)
    with pytest.raises(InputError, match="both the source and the target"):
        pair_files.read_aligned(path, path)


def test_columns_are_counted_from_one(tmp_path):
    text = "\ufeffGo.\tVe.\tCC-BY 2.0\n\n \n Yes.\tSí.\t\tx\r\nHi.\t\t\n"
    for name in ("a.tsv", "a.txt.gz"):
        path = write(tmp_path / name, text)
        expected = [("Ve.", "Go."), ("Sí.", "Yes."), ("", "Hi.")]
        assert pair_files.read_table(path, 2, 1) == expected
        assert pair_files.read_table(path, 1, 3)[0] == ("Go.", "CC-BY 2.0")


@pytest.mark.parametrize(
    "content, columns, said",
    [
        ("a\tb\nc\n", (1, 2), "line 2 has 1 column, and no tab"),
        ("a,b\n", (2, 1), "line 1 has 1 column, and no tab"),
        ("a\tb\n\nc\td\n", (1, 3), "line 1 has 2 columns; .* 1 and 3"),
        ("a\tb\tc\n\nd\te\n", (3, 1), "line 3 has 2 columns"),
        ("\n \n", (1, 2), "has no pairs"),
        ("a\tb\n", (2, 2), "two, counted from 1: not 2 and 2"),
        ("a\tb\n", (0, 1), "not 0 and 1"),
        ("a\tb\n", (2, -1), "not 2 and -1"),
    ],
    ids=str,
)
def test_missing_columns_are_refused(tmp_path, content, columns, said):
    path = write(tmp_path / "a.tsv", content)
    with pytest.raises(InputError, match=said):
        pair_files.read_table(path, *columns)


def test_pairs_that_share_a_sentence_hang_together():
    more = [("Ja.", "Sí."), ("Nein.", "No."), ("Sí.", "Yeah."), ("A", "Leave.")]
    numbers = splitting.pair_components(PAIRS + more)
    # "Sí." as a source and "Sí." as a target are two sentences
    assert numbers.tolist() == [0, 0, 1, 0, 2, 3, 1, 0]
    assert splitting.pair_components([]).shape == (0,)


def test_components_are_those_of_a_plain_search():
    chance = random.Random(3)
    pairs = [
        (f"s{chance.randrange(90)}", f"t{chance.randrange(70)}")
        for _ in range(67)
    ]
    groups = []  # (sources, targets) of a component each
    for one, other in pairs:
        touched = [g for g in groups if one in g[0] or other in g[1]]
        groups = [g for g in groups if g not in touched]
        groups.append(
            (
                {one}.union(*(g[0] for g in touched)),
                {other}.union(*(g[1] for g in touched)),
            )
        )
    numbers = splitting.pair_components(pairs)
    assert set(numbers) == set(range(len(groups)))
    for number, (one, _) in zip(numbers, pairs, strict=True):
        (group,) = (g for g in groups if one in g[0])
        same = {p for n, p in zip(numbers, pairs, strict=True) if n == number}
        assert same == {p for p in pairs if p[0] in group[0]}


def made(count=2000):
    """Pairs of which many share a sentence."""
    chance = random.Random(5)
    return [(f"q{i // 2}", f"z{i - chance.randrange(2)}") for i in range(count)]


def test_splits_share_no_sentence_and_keep_the_order():
    pairs = made()
    parts = splitting.split_pairs(pairs, 0.1, 0.2, seed=7)
    assert list(parts) == ["train", "validation", "test"]
    assert Counter(sum(parts.values(), [])) == Counter(pairs)
    for side in (0, 1):
        seen = Counter()
        for part in parts.values():
            seen.update({pair[side] for pair in part})
        assert set(seen.values()) == {1}
    order = {pair: i for i, pair in reversed(list(enumerate(pairs)))}
    for part in parts.values():
        assert [order[p] for p in part] == sorted(order[p] for p in part)
    assert 0.06 < len(parts["validation"]) / 2000 < 0.14
    assert 0.15 < len(parts["test"]) / 2000 < 0.25


def test_a_split_depends_on_the_sentences_and_the_seed_alone():
    pairs = made()
    parts = splitting.split_pairs(pairs, 0.1, 0.2, seed=7)
    mixed = random.Random(1).sample(pairs, len(pairs))
    again = splitting.split_pairs(mixed + [("new", "neu")], 0.1, 0.2, seed=7)
    again = {name: set(part) - {("new", "neu")} for name, part in again.items()}
    assert again == {name: set(part) for name, part in parts.items()}
    turned = splitting.split_pairs([p[::-1] for p in pairs], 0.1, 0.2, seed=7)
    for name, part in parts.items():
        assert [p[::-1] for p in turned[name]] == part
    assert splitting.split_pairs(pairs, 0.1, 0.2, seed=8) != parts
    alone = splitting.split_pairs(pairs, 0, 0.2, seed=7)
    assert list(alone) == ["train", "test"]
    assert alone["test"] == parts["test"]
    assert splitting.split_pairs(pairs, 0, 0, seed=7) == {"train": pairs}


def test_a_large_component_trains():
    large = [("same", f"other {i}") for i in range(22)]
    small = [(f"a{i}", f"b{i}") for i in range(2000)]
    seen = set()
    for seed in range(30):
        parts = splitting.split_pairs(large + small, 0.1, 0.8, seed)
        assert parts["train"][:22] == large
        parts = splitting.split_pairs(large[:20] + small, 0.1, 0.8, seed)
        seen |= {name for name, part in parts.items() if large[0] in part}
    assert seen == {"train", "validation", "test"}


@pytest.mark.parametrize(
    "validation, test, said",
    [
        (-0.1, 0.1, "0 or more"),
        (0.5, 0.5, "less than 1 together"),
        (1.0, 0, "less than 1"),
        (float("nan"), 0.1, "not nan"),
        (0.1, float("nan"), "nan"),
    ],
)
def test_shares_that_cannot_be_had_are_refused(validation, test, said):
    pairs = [(f"a{i}", f"b{i}") for i in range(50)]
    with pytest.raises(InputError, match=said):
        splitting.split_pairs(pairs, validation, test, seed=0)


def test_sentences_of_training_among_others_are_counted():
    others = [("Ve.", "x"), ("x", "Go."), ("Sí.", "Yes."), ("Go.", "Ve.")]
    assert splitting.count_overlap(PAIRS, others) == 3
    assert (
        splitting.count_overlap(PAIRS, [])
        == splitting.count_overlap([], others)
        == 0
    )


@pytest.mark.parametrize(
    "pair, reason",
    [
        (("", "a"), "empty"),
        (("a", ""), "empty"),
        (("a b c d e", "a b c"), ""),
        (("a b c d e f", "a b c"), "too long"),
        (("a b c", "a b c d e f"), "too long"),
        (("\u4e00" * 60, "\u4e01" * 40), ""),
        (("\u4e00" * 61, "\u4e01" * 40), "too long"),
        (("a" * 7, "b" * 24), ""),
        (("a" * 7, "b" * 25), "lengths too unlike"),
        (("b" * 25, "a" * 7), "lengths too unlike"),
        (("a b c", "a b c"), ""),
        (("a b c d", "a b c d"), "the same on both sides"),
        (("a b c d", "A b c d"), ""),
    ],
    ids=ascii,
)
def test_unfit_pairs_are_left_out_for_a_reason(pair, reason):
    kept, left_out = filtering.filter_pairs(
        [pair, ("x", "y")], longest=5, ratio=2
    )
    assert kept == [pair] * (not reason) + [("x", "y")]
    assert left_out == ({reason: 1} if reason else {})


def test_the_same_pair_is_kept_once():
    pairs = [PAIRS[0], PAIRS[1], PAIRS[0], ("a", ""), PAIRS[0], PAIRS[3]]
    kept, left_out = filtering.filter_pairs(pairs, 0, 0)
    assert kept == [PAIRS[0], PAIRS[1], PAIRS[3]]
    assert left_out == {"duplicate": 2, "empty": 1}
    long = ("a " * 999, "b")
    assert filtering.filter_pairs([long], 0, 0) == ([long], {})
    for longest, ratio in ((-1, 2), (5, -2), (5, 0.9), (5, float("nan"))):
        with pytest.raises(InputError, match="sets no bound"):
            filtering.filter_pairs(pairs, longest, ratio)


@pytest.mark.parametrize(
    "value, words",
    [
        (0, "zero"),
        (13, "thirteen"),
        (40, "forty"),
        (99, "ninety-nine"),
        (100, "one hundred"),
        (115, "one hundred and fifteen"),
        (1000, "one thousand"),
        (4017, "four thousand and seventeen"),
        (4100, "four thousand one hundred"),
        (70_005, "seventy thousand and five"),
        (
            999_999,
            "nine hundred and ninety-nine thousand nine hundred and "
            "ninety-nine",
        ),
    ],
)
def test_numbers_in_words(value, words):
    assert toy_pairs.number_words(value) == words


@pytest.mark.parametrize(
    "date, words",
    [
        (
            (2026, 11, 21),
            [
                "the twenty-first of november, two thousand and twenty-six",
                "november 21st, 2026",
                "21 november twenty twenty-six",
            ],
        ),
        (
            (1900, 2, 12),
            [
                "the twelfth of february, nineteen hundred",
                "february 12th, 1900",
                "12 february nineteen hundred",
            ],
        ),
        (
            (1905, 8, 30),
            [
                "the thirtieth of august, nineteen oh five",
                "august 30th, 1905",
                "30 august nineteen oh five",
            ],
        ),
        (
            (2003, 5, 3),
            [
                "the third of may, two thousand and three",
                "may 3rd, 2003",
                "3 may two thousand and three",
            ],
        ),
    ],
)
def test_dates_in_words(date, words):
    assert toy_pairs.date_words(*date) == words


def test_ordinals():
    assert [
        toy_pairs.ordinal_words(n) for n in (1, 2, 5, 8, 9, 11, 19, 20, 22, 31)
    ] == (
        "first second fifth eighth ninth eleventh nineteenth twentieth "
        "twenty-second thirty-first"
    ).split()
    endings = [
        toy_pairs.date_words(2001, 1, day)[1].split()[1] for day in range(1, 32)
    ]
    assert endings[10:13] == ["11th,", "12th,", "13th,"]
    assert endings[20:23] == ["21st,", "22nd,", "23rd,"]


def heard(words):
    """The number that the words say, found by adding them up."""
    values = {
        toy_pairs.number_words(n): n for n in (*range(20), *range(20, 100, 10))
    }
    total = part = 0
    for word in words.replace("-", " ").split():
        if word == "thousand":
            total, part = total + 1000 * part, 0
        elif word == "hundred":
            part *= 100
        elif word != "and":
            part += values[word]
    return total + part


def test_toy_pairs_say_the_same_on_both_sides():
    pairs = toy_pairs.generate_pairs(3001, seed=5)
    assert len(set(pairs)) == 3001
    dates = [p for p in pairs if "-" in p[1]]
    assert 0.45 < len(dates) / 3001 < 0.65
    for words, digits in set(pairs) - set(dates):
        assert heard(words) == int(digits) and digits == str(int(digits))
    forms = Counter()
    for words, digits in dates:
        day = datetime.date.fromisoformat(digits)
        form = toy_pairs.date_words(day.year, day.month, day.day).index(words)
        forms[form] += 1
    assert min(forms.values()) > 0.3 * len(dates)
    assert sum(len(digits) == 6 for _, digits in pairs) > 150


def test_a_seed_repeats_its_toy_pairs():
    pairs = toy_pairs.generate_pairs(40, seed=5)
    assert toy_pairs.generate_pairs(70, seed=5)[:40] == pairs
    assert toy_pairs.generate_pairs(40, seed=6) != pairs
    assert pairs[1:3] == [
        (
            "six hundred and eighty-three thousand seven hundred and four",
            "683704",
        ),
        ("seven", "7"),
    ]
    for count in (0, -1, 500_001):
        with pytest.raises(InputError, match="toy pairs"):
            toy_pairs.generate_pairs(count)


@pytest.fixture(scope="module")
def tiny():
    """The name of a collection of pairs with three splits."""
    import tensorflow_datasets as tfds

    class TinyPairs(tfds.core.GeneratorBasedBuilder):
        VERSION = tfds.core.Version("1.0.0")
        SIZES = {"train": 7, "validation": 5, "test": 3}

        def _info(self):
            return tfds.core.DatasetInfo(
                builder=self,
                features=tfds.features.Translation(languages=("de", "en")),
                supervised_keys=("de", "en"),
            )

        def _split_generators(self, _):
            return {n: self._generate_examples(n) for n in self.SIZES}

        def _generate_examples(self, name):
            for i in range(self.SIZES[name]):
                yield i, {"de": f"\tu\u0308ber {name} {i}", "en": f"on {i} "}

    return TinyPairs.name


@pytest.fixture
def online(monkeypatch):
    monkeypatch.setattr("seqapps.datasets._offline", lambda: False)


def test_a_collection_says_its_direction(tiny, online, tmp_path):
    from seqapps.tasks.translation import collection

    splits = collection.load_collection(tiny, tmp_path)
    sizes = {"train": 7, "validation": 5, "test": 3}
    assert {name: len(pairs) for name, pairs in splits.items()} == sizes
    for name, pairs in splits.items():
        expected = [(f"\u00fcber {name} {i}", f"on {i}") for i in range(7)]
        assert set(pairs) == set(expected[: sizes[name]])
    turned = collection.load_collection(tiny, tmp_path, reverse=True)
    assert turned["test"] == [pair[::-1] for pair in splits["test"]]


def test_what_is_no_collection_of_pairs_is_refused(online, tmp_path):
    import tensorflow_datasets as tfds

    from seqapps.tasks.translation import collection

    class TinyTexts(tfds.core.GeneratorBasedBuilder):
        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            features = tfds.features.FeaturesDict(
                {"text": tfds.features.Text()}
            )
            return tfds.core.DatasetInfo(builder=self, features=features)

        def _split_generators(self, _):
            return {"train": self._generate_examples()}

        def _generate_examples(self):
            yield 0, {"text": "a"}

    with pytest.raises(InputError, match="no collection of pairs"):
        collection.load_collection(TinyTexts.name, tmp_path)


def test_without_a_network_no_collection_is_tried(monkeypatch, tmp_path):
    from seqapps.tasks.translation import collection

    monkeypatch.setattr("seqapps.datasets._offline", lambda: True)
    for name in ("spa_eng", "ted_hrlr_translate/pt_to_en"):
        with pytest.raises(InputError, match="no network.*--data.path"):
            collection.load_collection(name, tmp_path)
        assert not list(tmp_path.iterdir())
    with pytest.raises(InputError, match="cannot load no_such_thing"):
        collection.load_collection("no_such_thing", tmp_path)
    said = r"cannot load ted_hrlr_translate/xx \(BuilderConfig xx not found"
    with pytest.raises(InputError, match=said):
        collection.load_collection("ted_hrlr_translate/xx", tmp_path)


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A folder whose files a server on this machine gives away."""
    from seqapps.tasks.translation import collection

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    (tmp_path / "www").mkdir()
    handler = functools.partial(Quiet, directory=tmp_path / "www")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/spa-eng.zip"
        monkeypatch.setattr(collection.SpaEng, "URL", url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield tmp_path / "www"
        server.shutdown()
        thread.join()


def test_the_tutorials_file_becomes_a_collection(served, online, tmp_path):
    from seqapps.tasks.translation import collection

    text = "".join(f"{en}\t{es}\n" for es, en in PAIRS)
    with zipfile.ZipFile(served / "spa-eng.zip", "w") as archive:
        archive.writestr("spa-eng/_about.txt", "** Info **\n")
        archive.writestr("spa-eng/spa.txt", text)
    assert collection.load_collection("spa_eng", tmp_path / "d") == {
        "train": PAIRS
    }
    (served / "spa-eng.zip").unlink()  # prepared once
    turned = [pair[::-1] for pair in PAIRS]
    assert collection.load_collection(
        "spa_eng", tmp_path / "d", reverse=True
    ) == {"train": turned}
    info = collection.SpaEng(data_dir=tmp_path / "d").info
    assert "CC BY 2.0" in info.description and "tatoeba" in info.citation


@pytest.mark.parametrize("name", ["spa-eng.zip", "spa.zip"])
def test_another_file_there_is_refused(served, online, tmp_path, name):
    from seqapps.tasks.translation import collection

    with zipfile.ZipFile(served / name, "w") as archive:
        archive.writestr("spa-eng/deu.txt", "Go.\tGeh.\n")
    with pytest.raises(InputError, match="cannot load spa_eng"):
        collection.load_collection("spa_eng", tmp_path / "d")


@pytest.mark.data
@pytest.mark.skipif(not SHARED.is_dir(), reason=f"there is no {SHARED}")
@pytest.mark.parametrize(
    "name, sizes",
    [
        ("spa-eng/spa.txt", (118_964, 97_780, 40)),
        # two that were apart differ in the kind of a blank only
        ("deu-eng/deu.txt", (169_813, 126_327, 98)),
    ],
)
def test_published_pairs_hang_together_as_published(name, sizes):
    pairs = pair_files.read_table(SHARED / name, 2, 1)
    found = np.bincount(splitting.pair_components(pairs))
    assert (len(pairs), len(found), found.max()) == sizes
    parts = splitting.split_pairs(pairs, 0.02, 0.02, seed=0)
    for one, other in (("train", "validation"), ("train", "test")):
        assert not splitting.count_overlap(parts[one], parts[other])
    for part in ("validation", "test"):
        assert 0.015 < len(parts[part]) / len(pairs) < 0.025
    if name.startswith("deu"):
        with (SHARED / name).open(encoding="utf-8", newline="\n") as file:
            raw = [tuple(line.split("\t")) for line in file]
        assert splitting.pair_components(raw).max() + 1 == 126_328


@pytest.mark.parametrize("seed", range(9))
@pytest.mark.parametrize("count", [3, 5, 20])
def test_few_pairs_fill_every_split(count, seed):
    pairs = [(f"uno {i}", f"one {i}") for i in range(count)]
    parts = splitting.split_pairs(pairs, 0.1, 0.1, seed)
    assert all(parts.values())
    assert sum(map(len, parts.values())) == count


@pytest.mark.parametrize(
    "pairs",
    [[], [("a", "b")], [("a", "b"), ("c", "d")], [(x, "one") for x in "abcde"]],
)
def test_what_cannot_be_split_is_refused(pairs):
    with pytest.raises(InputError, match="too few for train"):
        splitting.split_pairs(pairs, 0.1, 0.1, 0)


def test_vocabularies_are_those_of_a_run(tmp_path):
    from seqapps import InputError
    from seqapps.tasks import translation
    from seqapps.tasks.translation.importers.toy_pairs import generate_pairs
    from seqapps.training import runs

    def load(seed, **more):
        path = tmp_path / f"{seed}.tsv"
        pairs = generate_pairs(60, seed)
        path.write_text("".join(f"{t}\t{s}\n" for s, t in pairs), "utf-8")
        settings = {"joint": True, "vocabulary": 500, "sentences": True}
        return translation.load_data(path=path, **(settings | more)).codec

    run = tmp_path / "run"
    run.mkdir()
    first = load(1)
    runs.write_recipe(run, {})
    runs.write_codec(run, first)
    other = load(2, vocabulary_of=run, vocabulary=300)
    assert other.source.pieces == first.source.pieces != load(2).source.pieces
    assert other.target is other.source and other.sentences
    with pytest.raises(InputError, match="is no run"):
        load(2, vocabulary_of=tmp_path)

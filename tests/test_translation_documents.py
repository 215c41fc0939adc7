"""Documents: what is translated, and that all else stays byte for byte."""

import random
import re

import numpy as np
import pytest

import seqapps
from seqapps.tasks.translation.documents import kinds, plain_text
from seqapps.tasks.translation.documents.alignment import align
from seqapps.tasks.translation.documents.fragments import Fragment
from seqapps.tasks.translation.documents.line_breaks import balance, share
from seqapps.tasks.translation.documents.placing import Node
from seqapps.tasks.translation.importers.input_lines import Line

PAGE = """<!DOCTYPE html>
<html lang="es"><head><title>Hola a todos</title>
<style>p { color: red }</style><script>var x = "<b>hola</b>";</script></head>
<body class=x>
<!-- un comentario: nada -->
<h1>Uno &amp; dos&nbsp;tres</h1>
<p>Hola <b>mundo</b>, mira <a href="x?a=1&b=2">un enlace <i>muy</i> largo</a>.
</p><p>Usa <code>ls -l</code> ya.<br>Otra <img src=a.png> sigue.</p>
<ul><li>Uno<li>Dos</ul><pre>no tocar</pre><p translate="no">no</p>
<p>Roto <b>sin cerrar</p><td>12</td><p>Suelto</i></p>
<textarea>nada</textarea></body></html>
"""
MARKDOWN = """---
title: nada
---
# Título de *prueba* &amp; `x`

> Uno **dos** [tres](http://a.b "t") \\* cuatro y una línea que
> cinco ![img](a.png) <b>x</b>\x20\x20
> seis

| a | b \\| c |
|---|---|
| Hola `x` | que **tal** |

- uno
  sigue [ref][r] y [r]
- [x] tarea ~~fuera~~
  1. dentro

```python
# nada
```

    nada

<div align="center">Hola <b>mundo</b></div>

Título dos
==========
Primero <https://x.y> y nota[^1].

[r]: http://x.y
[^1]: Una nota.
"""
SUBTITLES = """1
00:00:01,000 --> 00:00:02,000
Hola a todos los que estáis

2
00:00:03,000 --> 00:00:04,500
mirando esta película
con sus amigos.

3
00:00:05,000 --> 00:00:06,000
<i>Música suave</i>

4
00:00:07,000 --> 00:00:08,000 X1:40
- ¿Quién es?
- <i>Nadie.</i>

5
00:00:09,000 --> 00:00:10,000
{\\an8}Arriba Juan <b>va</b> bien

6
00:00:09,000 --> 00:00:10,000
123
"""
CATALOG = """# Nada
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"

#: a.c:1
msgid "Open _file"
msgstr ""

msgid "Save"
msgstr "Guardar"

#, fuzzy
msgid "Old"
msgstr "Viejo"

#, c-format
msgid "%d file\\n"
msgid_plural "%d files\\n"
msgstr[0] ""
msgstr[1] ""
msgstr[2] ""

msgctxt "x"
msgid ""
"A long text with many words that go on and on until the line is full. "
"And \\"more\\" here.\\n"
"Second line.\\n"
msgstr ""

msgid "100 %"
msgstr ""

#~ msgid "gone"
#~ msgstr "ido"
"""


def written(path, text, change=str, encoding="", unsure=False, **options):
    """A document with changed texts, and these texts."""
    raw = text if isinstance(text, bytes) else text.encode()
    path.write_bytes(raw)
    document = kinds.read(path, encoding, **options)
    fragments = document.fragments()
    texts = [fragment.text for fragment in fragments]
    same = [list(range(len(text.split()))) for text in texts]
    raw = document.write(
        [
            fragment.write(change(text), words, unsure)
            for fragment, text, words in zip(
                fragments, texts, same, strict=True
            )
        ]
    )
    return raw, texts


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "name, text", [("a.md", MARKDOWN), ("a.srt", SUBTITLES)]
)
def test_what_is_not_changed_is_as_it_was(tmp_path, name, text, end):
    text = text.replace("\n", end)
    raw, texts = written(tmp_path / name, text)
    assert raw.decode() == text and len(texts) > 4


def upper(text):
    """Changes letters, and leaves the rest of a document as it was."""
    return text.upper()


def test_a_page(tmp_path):
    raw, texts = written(tmp_path / "a.html", PAGE, upper)
    assert "Hola mundo, mira un enlace muy largo." in texts
    assert "Usa \ue000 ya." in texts and "Otra \ue000 sigue." in texts
    assert not any("nada" in text or "tocar" in text for text in texts)
    text = raw.decode()
    assert re.findall("<[^>]*>", text) == re.findall("<[^>]*>", PAGE)
    shown = (
        '<p>HOLA <b>MUNDO</b>, MIRA <a href="x?a=1&b=2">UN ENLACE <i>MUY</i>'
        " LARGO</a>."
    )
    assert shown in text and "<h1>UNO &amp; DOS&nbsp;TRES</h1>" in text
    outside = re.sub(r">[^<]*", ">", text)
    assert outside == re.sub(r">[^<]*", ">", PAGE)


def test_a_page_of_its_own_encoding(tmp_path):
    text = '<meta charset="iso-8859-1"><p>Adiós “tú”</p>'.encode("cp1252")
    raw, texts = written(tmp_path / "a.htm", text, lambda text: text + " €Ω<")
    assert texts == ["Adiós “tú”"]
    assert raw.decode("cp1252").endswith("Adiós “tú” €&#937;&lt;</p>")
    with pytest.raises(seqapps.InputError, match="latin-1, which has no 'Ω'"):
        written(tmp_path / "a.md", b"Hola", lambda _: "Ω", "latin-1")
    mark = "\ufeffHola".encode("utf-16-le")
    raw, _ = written(tmp_path / "a.md", mark, upper)
    assert raw == "\ufeffHOLA".encode("utf-16-le")


def test_markdown(tmp_path):
    raw, texts = written(tmp_path / "a.md", MARKDOWN, upper)
    assert "uno sigue ref y r" in texts and "tarea fuera" in texts
    assert not any("nada" in text for text in texts)
    text = raw.decode()
    assert "# TÍTULO DE *PRUEBA* &amp; `x`\n" in text
    assert '> UNO **DOS** [TRES](http://a.b "t") \\* CUATRO' in text
    assert "> CINCO ![img](a.png) <b>X</b>  \n> SEIS\n" in text
    assert "| HOLA `x` | QUE **TAL** |" in text and "- [x] TAREA" in text
    assert '<div align="center">HOLA <b>MUNDO</b></div>' in text
    assert "<https://x.y> Y NOTA[^1]." in text


def test_a_line_of_markdown_does_not_become_an_item(tmp_path):
    text = "Uno dos tres cuatro\ncinco seis siete\n"
    said = "Uno dos tres cuatro - cinco seis siete"
    raw, _ = written(tmp_path / "a.md", text, lambda _: said)
    assert raw.decode().split() == said.split() and b"\n-" not in raw


def test_subtitles(tmp_path):
    raw, texts = written(tmp_path / "a.srt", SUBTITLES, upper)
    one = "Hola a todos los que estáis mirando esta película con sus amigos."
    assert texts[0] == one and "Música suave" in texts
    assert texts[2:] == ["¿Quién es?", "Nadie.", "Arriba Juan va bien"]
    text = raw.decode()
    assert "<i>MÚSICA SUAVE</i>" in text and "- <i>NADIE.</i>" in text
    assert "{\\an8}ARRIBA JUAN <b>VA</b> BIEN" in text and "X1:40" in text
    long = "palabra " * 20
    raw, _ = written(tmp_path / "a.vtt", SUBTITLES, lambda _: long)
    lines = [s for s in raw.decode().splitlines() if "palabra" in s]
    assert max(len(re.sub("<.*?>", "", s)) for s in lines) <= 36
    with pytest.raises(seqapps.InputError, match="no line of times"):
        written(tmp_path / "a.srt", "Hola\n")


def test_a_catalog(tmp_path):
    raw, texts = written(tmp_path / "a.po", CATALOG, upper)
    assert texts[:3] == ["Open file", "%d file", "%d files"]
    text = raw.decode()
    assert 'msgstr "_OPEN FILE"' in text and 'msgstr "Guardar"' in text
    assert 'msgstr[0] "%D FILE\\n"\nmsgstr[1] "%D FILES\\n"\nmsgstr[2]' in text
    assert '"\\"MORE\\" HERE.\\n"\n"SECOND LINE.\\n"\n' in text
    # only fields that were empty, and the texts in them, are new
    new = iter(text.splitlines())
    assert all(
        line in new
        for line in CATALOG.splitlines()
        if not line.startswith("msgstr")
    )
    raw, _ = written(tmp_path / "a.po", CATALOG, upper, unsure=True)
    said = raw.decode()
    assert '#: a.c:1\n#, fuzzy\nmsgid "Open _file"' in said
    assert '#, c-format, fuzzy\nmsgid "%d file' in said
    assert '#, fuzzy\nmsgctxt "x"' in said and said.count("fuzzy") == 4
    _, texts = written(tmp_path / "a.po", CATALOG, retranslate=True)
    assert {"Save", "Old"} <= set(texts) and "gone" not in texts
    with pytest.raises(seqapps.InputError, match="line 2 is none of a catalog"):
        written(tmp_path / "a.po", 'msgid "a"\nmsgstr "b\n')


def test_kinds_are_known_by_their_endings(tmp_path):
    assert kinds.is_document(tmp_path / "A.HTML")
    assert not kinds.is_document(tmp_path / "a.txt")
    with pytest.raises(seqapps.InputError, match="not .docx"):
        kinds.is_document(tmp_path / "a.docx")
    with pytest.raises(seqapps.InputError, match="--retranslate is for .po"):
        written(tmp_path / "a.md", MARKDOWN, retranslate=True)


def test_broken_documents_are_read_somehow(tmp_path):
    draw = random.Random(0)
    for name, text in {"a.html": PAGE, "a.md": MARKDOWN}.items():
        for _ in range(60):
            letters = list(text)
            for _ in range(12):
                place = draw.randrange(len(letters))
                letters[place] = draw.choice("<>&*_[]()`|\n x\ue000")
            raw, _ = written(tmp_path / name, "".join(letters))
            kept = re.sub(r"\W", "", "".join(letters))
            plain = re.sub(r"&\w+;|\W", "", raw.decode())
            assert len(plain) >= 0.9 * len(kept)


# -- text ----------------------------------------------------------------------


def lines_of(text):
    return [
        Line(number, line.rstrip("\r\n"), len(line), end="\r\n")
        for number, line in enumerate(text.splitlines(True), 1)
    ]


def test_paragraphs_that_are_broken_are_read_as_one():
    text = (
        "  Una frase que sigue hasta que la línea está llena\n"
        "  y continúa en la siguiente. Otra frase termina en\n"
        "  la tercera.\n"
        "\n"
        "Una línea.\n"
        "otra línea\n"
        "   \n"
        "- no es parte\n"
    )
    lines = lines_of(text)
    joined = plain_text.join(lines)
    assert [line.number for line in joined] == [1, 4, 5, 6, 7, 8]
    assert joined[0].head.startswith("Una frase que")
    same = [line.head.strip() for line in joined]
    assert plain_text.write(lines, joined, same) == text.replace("\n", "\r\n")
    short = plain_text.write(lines, joined, ["x"] + same[1:])
    assert short.count("\r\n") == 8 and short.startswith("  x\r\n  \r\n")


def test_lines_of_like_length():
    assert balance("uno dos tres cuatro", 2, 40) == ["uno dos", "tres cuatro"]
    assert balance("uno dos", 3, 40) == ["uno", "dos"]
    assert balance("uno dos tres", 1, 7) == ["uno dos", "tres"]
    assert share("a b c d e f", [2, 1]) == ["a b c d", "e f"]
    assert share("Uno. Dos tres cuatro", [7, 13]) == ["Uno.", "Dos tres cuatro"]
    assert share("a", [1, 1, 1]) == ["a", "", ""]


# -- markup --------------------------------------------------------------------


@pytest.mark.parametrize(
    "nodes, words, expected",
    [
        ([Node(0, 3, "<b>", "</b>")], [1, 0], "uno <b>dos</b>."),
        ([Node(4, 7, "<b>", "</b>")], [0, 1], "uno <b>dos</b>."),
        ([Node(0, 8, "<b>", "</b>")], [1, 0], "<b>uno dos.</b>"),
        ([Node(0, 3, "<b>", "</b>")], [-1, -1], "<b>uno</b> dos."),
        ([Node(4, 4, "<x>", "")], [1, 0], "<x>uno dos."),
        (
            [Node(0, 8, "<a>", "</a>", (Node(0, 3, "<b>", "</b>"),))],
            [1, 0],
            "<a>uno <b>dos</b>.</a>",
        ),
        (
            [Node(0, 3, "<a>", "</a>"), Node(4, 7, "<b>", "</b>")],
            [1, 1],
            "<a>uno</a> <b>dos</b>.",
        ),
    ],
)
def test_markup_goes_with_its_words(nodes, words, expected):
    fragment = Fragment("one two.", nodes=nodes)
    assert fragment.write("uno dos.", words) == [expected]


def nodes(draw, names, low, high, depth=0):
    """Random markup of some of the characters from low to high."""
    found = []
    while low < high and depth < 3 and len(found) < 2:
        start = draw.randrange(low, high)
        end = draw.randrange(start, high + 1)
        if not (name := next(names, "")):
            break
        inner = tuple(nodes(draw, names, start, end, depth + 1))
        found.append(Node(start, end, f"<{name}>", f"</{name}>", inner))
        low = max(end, start + 1)
    return found


def test_markup_is_always_nested_and_each_is_written_once():
    draw = random.Random(0)
    for _ in range(300):
        words = draw.randrange(1, 8)
        text = " ".join("abcdefg"[:words])
        made = nodes(draw, iter("stuvwxyz"), 0, len(text))
        target = " ".join(f"{i}," for i in range(draw.randrange(6)))
        alignment = [draw.randrange(-1, words) for _ in target.split()]
        (shown,) = Fragment(text, nodes=made).write(target, alignment)
        assert re.sub("<[^>]*>", "", shown) == target
        opened, stack = [], []
        for close, name in re.findall("<(/?)(.)>", shown):
            if close:
                assert stack.pop() == name
            else:
                stack.append(name)
                opened.append(name)
        flat = "".join(node.flat() for node in made)
        assert not stack and sorted(opened) == sorted(re.findall("<(.)>", flat))


def test_words_are_aligned_by_the_attention_of_their_pieces():
    weights = np.array(
        [[0.1, 0.9, 0, 0], [0.8, 0.2, 0, 0], [0.3, 0, 0.6, 0], [0, 0, 0, 1]]
    )
    source = ["▁uno", "▁do", "s", "<end>"]
    target = ["▁a", "▁b", "c", "<end>"]
    assert align("Uno dos", "a bc", source, target, weights) == [1, 0]
    assert align("Uno — dos", "a x bc", source, target, weights) == [2, -1, 0]
    assert align("", "", [], [], []) == []

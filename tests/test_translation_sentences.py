"""Texts as sentences, masks and forms, inside the graph."""

import random
import re
import unicodedata

import numpy as np
import pytest
import tensorflow as tf

from seqapps.tasks.translation.codec import (
    casing,
    composition,
    forms,
    names,
    passages,
    protection,
    restoring,
    sentences,
)
from seqapps.tasks.translation.importers.place_names import place_names

TEXTS = tf.TensorSpec([None], tf.string)
PAIRS = tf.TensorSpec([None, 2], tf.string)
RAGGED = tf.RaggedTensorSpec([None, None], tf.string)
NUMBER = tf.TensorSpec([], tf.int32)


def graph(function, *signature):
    return tf.function(function, signature, autograph=False)


split = graph(sentences.split, TEXTS, NUMBER)
protect = graph(protection.protect, TEXTS, PAIRS)
put_back = graph(restoring.put_back, TEXTS, TEXTS, RAGGED)
normalise = graph(forms.normalise, TEXTS)
compose = graph(composition.compose, TEXTS)


def plain(tensor):
    if isinstance(tensor, tf.RaggedTensor):
        return [[t.decode() for t in row] for row in tensor.to_list()]
    return [text.decode() for text in tensor.numpy()]


def pieces(text, most=40):
    found, between = split([text], most)
    assert plain(sentences.join(found, between)) == [text]
    return plain(found)[0]


def masked(text, glossary=()):
    """A text with 0, 1, ... for its masks, and what they stand for."""
    rows = tf.constant(list(glossary), tf.string, [len(glossary), 2])
    (shown,), (kept,) = map(plain, protect([text], rows))
    masks = [c for c in shown if "\ue000" <= c <= "\uf8ff"]
    assert masks == [chr(0xE000 + k) for k in range(len(kept))]
    return "".join(
        str(ord(c) - 0xE000) if "\ue000" <= c <= "\uf8ff" else c for c in shown
    ), kept


def masks(text):
    """Digits as masks."""
    return "".join(chr(0xE000 + int(c)) if c.isdigit() else c for c in text)


def random_texts(letters, count, longest=60, seed=0):
    draw = random.Random(seed)
    return [
        "".join(draw.choices(letters, k=draw.randrange(longest)))
        for _ in range(count)
    ]


# -- sentences -----------------------------------------------------------------


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Hola. Adiós.", ["Hola.", "Adiós."]),
        ("La pág. \ue000. Sí.", ["La pág. \ue000.", "Sí."]),
        ("\ue000Hola.\ue001 Adiós.", ["\ue000Hola.\ue001", "Adiós."]),
        ("Am \ue000. Mai. Ja.", ["Am \ue000. Mai.", "Ja."]),
        ("El Sr. Gil y la Dra. Sanz.", ["El Sr. Gil y la Dra. Sanz."]),
        ("Vivo en EE. UU. Tú no.", ["Vivo en EE. UU.", "Tú no."]),
        ("Come fruta, p. ej. Manzanas.", ["Come fruta, p. ej. Manzanas."]),
        ("Uno, dos, etc. Luego tres.", ["Uno, dos, etc.", "Luego tres."]),
        ("Lo dijo J. R. R. Tolkien.", ["Lo dijo J. R. R. Tolkien."]),
        (
            "A las 10.30 pagó 1.200,50 euros. Bien.",
            ["A las 10.30 pagó 1.200,50 euros.", "Bien."],
        ),
        ("Am 3. Mai kam er. Gut.", ["Am 3. Mai kam er.", "Gut."]),
        ("¿Qué? ¡No! Sí.", ["¿Qué?", "¡No!", "Sí."]),
        ("¡Hola!¿Qué tal?", ["¡Hola!", "¿Qué tal?"]),
        ("«Sí.» (Se fue.) Fin.", ["«Sí.»", "(Se fue.)", "Fin."]),
        ('Dijo "no". Y se fue.', ['Dijo "no".', "Y se fue."]),
        ("Bueno... no sé... Adiós.", ["Bueno... no sé...", "Adiós."]),
        ("¿Vienes? preguntó ella.", ["¿Vienes? preguntó ella."]),
        ("Mira x.com. Abre a.txt. Ya", ["Mira x.com.", "Abre a.txt.", "Ya"]),
        ("Uno\nDos\r\n\r\n\tTres", ["Uno", "Dos", "Tres"]),
        ("- Pan\n- Vino\n1. Sal", ["-", "Pan", "-", "Vino", "1.", "Sal"]),
        ("So do I. See No. 5. No. I.", ["So do I.", "See No. 5.", "No.", "I."]),
        ("¡Ven! \U0001f600 ¿Ya?", ["¡Ven! \U0001f600", "¿Ya?"]),
        ("你好。再见！", ["你好。", "再见！"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_where_sentences_end(text, expected):
    assert pieces(text) == expected


def test_a_language_has_its_own_abbreviations():
    text = tf.constant(["Er kam am 3. Er ging."])
    german = sentences.split(text, 40, "de")[0]
    assert plain(german) == [["Er kam am 3. Er ging."]]
    assert len(plain(sentences.split(text, 40, "es")[0])[0]) == 2


def test_long_sentences_are_cut_at_clauses():
    text = (
        "Llegué a la casa de mi abuela, que estaba muy lejos; no había nadie "
        "dentro, pero la mesa estaba puesta para dos y el fuego seguía vivo"
    )
    assert pieces(text, 15) == [
        "Llegué a la casa de mi abuela, que estaba muy lejos;",
        "no había nadie dentro,",
        "pero la mesa estaba puesta para dos y el fuego seguía vivo",
    ]
    assert len(pieces(text, 16)) == 2 and pieces(text, 27) == [text]
    for most in (1, 2, 5, 9):
        assert all(len(p.split()) <= most for p in pieces(text, most))
    assert pieces("a b c d e f", 3) == ["a b c", "d e f"]
    assert pieces("x " * 9 + "x; " + "x " * 10, 15) == [
        "x " * 9 + "x;",
        ("x " * 10).strip(),
    ]


def test_nothing_is_too_long():
    assert len(pieces("a" * 10_000)) == 34
    assert max(map(len, pieces("a" * 10_000))) == 300
    assert pieces("Hace frío. " * 500) == ["Hace frío."] * 500
    assert max(map(len, pieces("abcdefghij " * 900))) < 40 * 11


def test_any_text_is_joined_again():
    letters = (
        " \n\t\r.!?…¿¡\"')(ABab,;:y0\ue000\ufdd0\ufdd1\ufdd2\u2028é😀中。\0"
    )
    texts = random_texts(letters, 600)
    found, between = split(texts, 3)
    assert plain(sentences.join(found, between)) == texts
    assert all(p == p.strip() and p for row in plain(found) for p in row)
    assert all(not "".join(row).strip() for row in plain(between))
    for i in range(0, 600, 97):
        assert plain(split([texts[i]], 3)[0]) == [plain(found)[i]]
    broken = [b"\xffA. B\xc3", b"\xe2\x82. \xf0C"]
    assert sentences.join(*split(broken, 3)).numpy().tolist() == broken


# -- what is not to be translated ----------------------------------------------


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Ve a https://a.es/X_(Y). Ya.", "https://a.es/X_(Y)"),
        ("Ve a bus.a.es/linea/4. Ya.", "bus.a.es/linea/4"),
        ("Mira noticias.ejemplo.com.mx, ya.", "noticias.ejemplo.com.mx"),
        ("Mira tienda.casa.es/a?b, ya.", "tienda.casa.es/a?b"),
        ("Es tarde.es mejor ir, p.ej.es, a.C.es. El fin.de", ""),
        ("Faltan :days días; son las 5: casi:no", ":days"),
        ("(www.a.com/b?c=1), a.com", "www.a.com/b?c=1 a.com"),
        ("De ana.pérez@correo.es.", "ana.pérez@correo.es"),
        ("Abre C:\\A\\b.txt o /etc/x.", "C:\\A\\b.txt /etc/x"),
        ("Lee informe.pdf y ./a/b.py.", "informe.pdf ./a/b.py"),
        ("<b>Sí</b> <br/>&amp;", "<b> </b> <br/> &amp;"),
        ("a < b y c > d, km/h, y/o, 24/7", ""),
        ("{n} {{x}} ${y} $HOME {0:.2f}", "{n} {{x}} ${y} $HOME {0:.2f}"),
        ("%s %(x)d %1$s 5%% file%d", "%s %(x)d %1$s %% %d"),
        ("100% de 50 % o 20%", ""),
        ("#hoy con @ana. C#5 a@", "#hoy @ana"),
        ("v2.0.1-beta, 1.2.3, 192.168.1.1", "v2.0.1-beta 1.2.3 192.168.1.1"),
        ("1.200.300 y 1.200,50 y 10.30", ""),
        ("AB-12, X500, 4G y B2B", "AB-12 X500 4G B2B"),
        ("3rd, 5km, ñA4, A4ñ, EE.UU.", ""),
        ("\ue005\ue000", "\ue005 \ue000"),
    ],
)
def test_what_is_found(text, expected):
    assert masked(text)[1] == expected.split()


def test_terms_are_kept_or_have_a_translation():
    glossary = [["Acme Co", "Acme Co"], ["pan", "loaf"], ["$5 (x)", "five \\1"]]
    assert masked("Acme Co, ACME CO y Acme Cola", glossary) == (
        "0, 1 y Acme Cola",
        ["Acme Co", "ACME CO"],
    )
    assert masked("Pan, pan, PAN, panes: $5 (x)", glossary) == (
        "0, 1, 2, panes: 3",
        ["Loaf", "loaf", "LOAF", "five \\1"],
    )
    assert masked("pan", [["", "nothing"]]) == ("pan", [])
    assert masked("Ñandú ñandú", [["ñandú", "rhea"]])[1] == ["Rhea", "rhea"]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("En la calle Mayor, 5, vivo", ["calle Mayor, 5"]),
        ("CALLE ÁVILA 12 B", ["CALLE ÁVILA 12"]),
        ("Avda. de la Paz 1203 es", ["Avda. de la Paz 1203"]),
        ("el paseo de Gracia y Luz, 7.", ["paseo de Gracia y Luz, 7"]),
        (
            "at 10 Downing Street, 221B Baker St",
            ["10 Downing Street", "221B Baker St"],
        ),
        ("rue de la Paix 3", ["rue de la Paix 3"]),
        (
            "on Python 3.11 or LibreOffice 7.4",
            ["Python 3.11", "LibreOffice 7.4"],
        ),
        (
            "Gran Vía 66, Calle 72 No. 10-34",
            ["Gran Vía 66", "Calle 72 No. 10-34"],
        ),
        ("el 4821 KLM de 40 W en a.mx", ["4821 KLM", "40 W", "a.mx"]),
        ("va %d%% el 2023/00418-T", ["%d%%", "2023/00418-T"]),
        ("en ~/Música/viaje, sí/no", ["~/Música/viaje"]),
        (
            "Pulse <kbd>Ctrl</kbd>+<kbd>S</kbd> o <code>a b</code> <b>ya</b>",
            ["<kbd>Ctrl</kbd>+<kbd>S</kbd>", "<code>a b</code>", "<b>", "</b>"],
        ),
        ("la calle 5 de mayo", []),
        ("una calle larga, 5 casas", []),
        ("I saw 5 Streets", []),
        ("[[nombre]] y [[a b]] y [c]", ["[[nombre]]", "[[a b]]"]),
    ],
)
def test_addresses_and_links_are_masked(text, expected):
    kept = masked(text)[1]
    assert [k for k in kept if k in expected] == expected
    assert expected or not kept


def test_masks_are_filled_as_they_were():
    letters = " \n.@#%${}<>/\\&;:aB1_-é\ue000\ufdd3\ufdd4\ufdd5"
    texts = random_texts(letters, 1500)
    shown, kept = protect(texts, tf.fill([0, 2], ""))
    assert plain(restoring.fill(shown, kept)) == texts
    alone = protect(texts[7:8], tf.fill([0, 2], ""))
    assert plain(alone[1])[0] == plain(kept)[7]
    assert len(masked("%s" * 900)[1]) == 900


@pytest.mark.parametrize(
    "translation, source, expected",
    [
        ("See 0.", "Mira 0.", "See AA."),
        ("See.", "Mira 0.", "See AA."),
        ("See 0 or 0.", "Mira 0.", "See AA or."),
        ("See 3 1 0.", "Mira 0 y 1.", "See BB AA."),
        ("Hello world", "0Hola1 mundo", "AAHelloBB world"),
        (
            "0 hello 1 world",
            "0Hola1 mundo",
            "AAhelloBB world",
        ),
        ("", "0 1", "AA BB"),
        ("The ( 0 ) is", "La (0) es", "The (AA) is"),
        ("see: 0", "ver:0", "see:AA"),
        ('"Big word".', "Palabra 0.", '"Big word AA".'),
        ("0is 1", "0 es1", "AA isBB"),
        ("Good day big man", "0 día 1 hombre 2", "AA Good BB day big man CC"),
    ],
)
def test_masks_come_back(translation, source, expected):
    values = ["AA", "BB", "CC"][: sum(map(str.isdigit, source))]
    kept = tf.ragged.constant([values], dtype=tf.string)
    found = put_back([masks(translation)], [masks(source)], kept)
    assert plain(found) == [expected]


def test_all_masks_come_back_whatever_a_network_writes():
    translations = random_texts("ab .,\ue000\ue001\ue002\ue003()", 500)
    translations = [" ".join(text.split()) for text in translations]
    sources = random_texts("ab .,\ue000\ue000()", 500, seed=1)
    sources, counts = protection.number(tf.constant(sources))
    values = [f"<{k}>" for k in range(int(tf.reduce_sum(counts)))]
    kept = tf.RaggedTensor.from_row_lengths(values, counts)
    found = plain(put_back(translations, sources, kept))
    for text, wanted in zip(found, plain(kept), strict=True):
        assert all(text.count(value) == 1 for value in wanted)
        assert not any("\ue000" <= c <= "\uf8ff" for c in text)
    alone = put_back(translations[9:10], sources[9:10], kept[9:10])
    assert plain(alone) == found[9:10]
    none = tf.ragged.constant([[]], dtype=tf.string, ragged_rank=1)
    assert plain(put_back(["a \ue000."], ["b"], none)) == ["a."]


# -- forms ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, normal, translation, expected",
    [
        ("ME LLAMO ANA.", "Me llamo ana.", "My name is Ana.", None),
        ("¿DÓNDE ESTÁ", "¿Dónde está?", "Where is it?", "Where is it"),
        ("VETE A \ue000", "Vete a \ue000.", "Go to \ue000.", "Go to \ue000"),
        ("GUARDAR", "Guardar.", "Save.", "SAVE"),
        ("GUARDAR COMO:", "Guardar como:", "Save as:", "SAVE AS:"),
        ("hola a todos", "Hola a todos.", "Hello all.", "hello all"),
        ("yo soy", "Yo soy.", "I am.", "I am"),
        ("¿cómo estás?", "¿Cómo estás?", "How are you?", "how are you?"),
        ("Hola", "Hola.", "Hello.", "Hello"),
        ("¡Ven", "¡Ven!", "Come!", "Come"),
        ('El "fin"', 'El "fin".', 'The "end".', 'The "end"'),
        ("EE. UU.", "EE. UU.", "USA.", "USA."),
        ("Man\u0303ana.", "Mañana.", "Tomorrow.", "Tomorrow."),
        ("", "", "", ""),
    ],
)
def test_forms_come_back(text, normal, translation, expected):
    found, form = normalise([text])
    assert plain(found) == [normal]
    again = forms.restore(tf.constant([[translation, ""]]), form)
    assert plain(again[0])[0] == (translation if expected is None else expected)


def test_forms_are_found():
    texts = ["HOLA A TODOS.", "hola a todos.", "Manana sera otro dia", "Día."]
    form = forms.find_form(tf.constant(texts))
    assert form.capitals.numpy().tolist() == [True, False, False, False]
    assert form.lower.numpy().tolist() == [False, True, False, False]
    assert form.plain.numpy().tolist() == [False, False, True, False]
    assert form.unended.numpy().tolist() == [False, False, True, False]


def test_accents_are_composed():
    texts = random_texts("ạậêñüÅǖắớAB ég한", 300, 20)
    apart = [
        unicodedata.normalize("NFD", text).replace(
            unicodedata.normalize("NFD", "한"), "한"
        )
        for text in texts
    ]
    expected = [unicodedata.normalize("NFC", text) for text in texts]
    assert plain(compose(apart)) == expected
    assert plain(compose(apart[3:4])) == expected[3:4]


WORDS = casing.count_words(
    [
        "Hoy viene Ana con Tomás.",
        "La niña está en Perú. ¿Dónde está la ONU?",
        "Esta es la niña que vive en Perú con Ana; ana no, Ana.",
        "Yo no, Ana. Pero yo soy de aquí, de aqui no.",
    ]
    + ["Estoy aquí."] * 10
)


def test_words_are_counted_as_they_are_mostly_written():
    assert {"Ana", "Tomás", "Perú", "ONU", "niña", "está"} <= set(WORDS)
    assert not {"Yo", "Hoy", "Dónde", "aqui", "ana"} & set(WORDS)
    assert len(casing.count_words(["a b c d", "e b"], 2)) == 2


@pytest.mark.parametrize(
    "text, expected",
    [
        ("ANA Y XIOMARA VIVEN EN PERU.", "Ana y Xiomara Viven en Perú."),
        ("LA ONU ESTÁ EN LIMA, TOMÁS", "La ONU está en Lima, Tomás."),
        ("ana está en perú con xiomara", "Ana está en Perú con xiomara."),
        ("Donde esta la nina de Tomas?", "Donde está la niña de Tomás?"),
        ("La nina está aqui.", "La nina está aqui."),
        ("HOLA \ue000 ANA", "Hola \ue000 Ana."),
    ],
)
def test_names_get_their_capitals_and_words_their_accents(text, expected):
    known = casing.Casing(["y", "en", "la", "con", "de", *WORDS])
    function = graph(lambda t: forms.normalise(t, known)[0], TEXTS)
    assert plain(function([text, ""])) == [expected, ""]
    lacks = known.lacks_accents(tf.constant([text, "Sí."])).numpy()
    assert lacks == (text.isascii() and any(c in expected for c in "áúñ"))


@pytest.mark.parametrize(
    "languages, text, expected",
    [
        (("es", "en"), "1.200,50 o 7,3 o 23.450", "1,200.50 7.3 23,450"),
        (("de", "en"), "0,125 und 3.456.789,01", "0.125 3,456,789.01"),
        (("es", "en"), "1,200 3.14 18.45 9", "1,200 3.14 18.45"),
        (("es", "en"), "15/03/2024 a las 18:45", "15/03/2024 18:45"),
        (("es", "en"), "+34 91 123 45 67", "+34_91_123_45_67"),
        (("en", "es"), "$1,200.50, 3.5 at 10:30", "1.200,50 3,5 10:30"),
        (("en", "fr"), "1,200,300.5", "1\u202f200\u202f300,5"),
        (("fr", "en"), "1 200,50 et 12\u202f345", "1,200.50 12,345"),
        (("fr", "de"), "12 345,6", "12.345,6"),
        (("es", "en"), "192.168.100.200 1.2.3", "192.168.100.200 1.2.3"),
        (("es", "es"), "1.200,50", "1.200,50"),
        (("", "en"), "1.200,50 x2 3km 412", "1.200,50 3km 412"),
        (("es", "en"), "a las 10:30h, 5 o 1,5kg", "10:30h 1,5kg"),
    ],
)
def test_numbers_are_written_as_the_other_language_writes_them(
    languages, text, expected
):
    _, kept = protection.protect(tf.constant([text]), None, languages)
    found = [value.replace(" ", "_") for value in plain(kept)[0]]
    assert found == expected.split(" ")


NAMES = (("Sidón", "Sidon"), ("Nueva York", "New York"), ("York", "Eboracum"))


def named(text, glossary=None):
    """A text as it would be if its masks alone were translated."""
    masked = protection.protect(tf.constant([text]), glossary, None, NAMES)
    return plain(restoring.fill(*masked))[0]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("De Sidón a Nueva York.", "De Sidon a New York."),
        ("York, ¿y Sidón?", "Eboracum, ¿y Sidon?"),
        ("SIDÓN, NUEVA YORK", "Sidon, New York"),
        ("Sidon, SIDON, Sido\u0301n", "Sidon, Sidon, Sidon"),
        ("sidón, Sidónico, AYork, Yorkshire", None),
        ("https://a.es/York, York@a.es", None),
        ("", ""),
    ],
)
def test_names_have_their_translation(text, expected):
    assert named(text) == (text if expected is None else expected)


def test_a_term_comes_before_a_name():
    glossary = tf.constant([["York", "York (UK)"], ["sidón", "S."]])
    assert named("York, Sidón, SIDÓN", glossary) == "York (UK), S., S."
    assert named("Nueva York", glossary) == "New York"


def test_a_sentence_with_a_name_is_not_plain():
    glossary = tf.constant([["", ""]])
    for text, expected in (("Voy a Sidón.", False), ("Voy a casa.", True)):
        texts = tf.constant([text])
        assert passages.are_plain(texts, glossary, 40, names=NAMES) == expected


KNOWN = casing.Casing(
    "el señor según vive en con y dijo ayer ana rosario Lucía".split(),
    ["Lucía", "Rosario"],
)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Según Matías, vive en Popayán.", ["Matías", "Popayán"]),
        ("Matías vive con Ana y con O'Higgins.", ["O'Higgins"]),
        ("El Señor dijo: Matías", []),
        ("Dijo «Matías»", []),
        ("¿Matías? \ue000 y Lempira", ["XX", "Lempira"]),
        ("\ue000 Lempira \ue001", ["XX", "Lempira", "YY"]),
        ("SEGÚN MATÍAS VIVE EN POPAYÁN", []),
        ("vive en popayán", []),
        ("El Senor vive", []),
        ("El 5 Matías", ["Matías"]),
        ("Lucía vive y ana", ["Lucía"]),
        ("Rosario vive en Luz.", ["Luz"]),
        ("La Dra. Luz y el Sr. Ruiz.", ["Luz", "Ruiz"]),
        ("El Rosario y el rosario y ROSARIO", ["Rosario"]),
        ("", []),
    ],
)
def test_names_that_stay_are_masked(text, expected):
    kept = [value for value in ("XX", "YY") if value in expected]
    kept = tf.constant(kept, tf.string, [len(kept)])
    shown, found = names.mask(tf.constant([text]), kept, KNOWN)
    assert plain(found) == expected
    numbered, counts = protection.number(shown)
    original = text.replace("\ue000", "XX").replace("\ue001", "YY")
    found = tf.RaggedTensor.from_row_lengths(found, counts)
    assert plain(restoring.fill(numbered, found)) == [original]


@pytest.mark.parametrize(
    "text", ["Según Matías.", "Ana y Matías.", "¿Ana, Ño?", "Lucía."]
)
def test_a_sentence_with_a_name_that_stays_is_not_plain(text):
    glossary = tf.constant([["", ""]])
    assert not passages.are_plain(tf.constant([text]), glossary, 40, KNOWN)
    text = re.sub("Matías|Ño|Lucía", "Ana", text)
    assert passages.are_plain(tf.constant([text]), glossary, 40, KNOWN)


@pytest.mark.parametrize("languages", [("es", "en"), ("en", "es")])
def test_places_have_one_translation(languages):
    pairs = place_names(*languages)
    names = dict(pairs)
    assert len(names) == len(pairs) > 300
    assert all(name != translation for name, translation in pairs)
    back = dict(place_names(*languages[::-1]))
    both = [name for name in names if names[name] in back]
    assert len(both) > 200
    assert all(name[0].isupper() for name in names)
    assert place_names("en", "de") == []


# -- whole texts ---------------------------------------------------------------


def test_a_sentence_that_is_plain_needs_nothing():
    texts = tf.constant(["Hace frío.", "¿Qué dice el ex-jefe, Ana?", "I go!"])
    glossary = tf.constant([["", ""]])
    assert passages.are_plain(texts, glossary, 40)
    found = passages.prepare(texts)
    assert plain(found.texts) == plain(texts)
    assert not np.any(found.copied) and not np.any(found.kept.row_lengths())
    for text in ("hola.", "Sí. No.", "A b", "Va 1.", "CASA.", "N\u0303a.", ""):
        assert not passages.are_plain(tf.constant([text]), glossary, 40)
    term = tf.constant([["frío", "cold"]])
    assert not passages.are_plain(texts, term, 40)

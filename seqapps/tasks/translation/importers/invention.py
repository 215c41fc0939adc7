"""Names, words, codes and numbers that no training text has."""

import random

_PEOPLE = """
Xiomara Itziar Aurelio Remedios Wenceslao Fulgencio Beatriz Joaquín Íñigo
Eduardo Concepción Guadalupe Ximena Ñurka Ainhoa Gorka Nekane Jordi Montserrat
Oriol Xoán Uxía Anxo João Thaís Conceição Raul Gonçalo Chloé Maëlle Élodie
Thibault Guillaume Françoise Baptiste Noémie Jürgen Günther Käthe Liesel
Wolfgang Annegret Björn Åsa Søren Kjell Ragnhild Þórdís Guðrún Eino Päivi
Ilkka Małgorzata Łukasz Zbigniew Katarzyna Jiří Šárka Bohumil Ľudmila Zoltán
Gyöngyi Erzsébet Ioana Ştefan Mihai Bogdan Dragan Željko Đorđe Vesna Nikolai
Yevgenia Svetlana Dmitri Aliaksandr Anastasia Giorgos Eleni Panagiotis Ayşe
Özgür Çağla Mehmet Gülşen Ahmed Fatima Yusuf Khadija Layla Abdelrahman Zahra
Shirin Farhad Ngozi Chukwuemeka Oluwaseun Folasade Thandiwe Kwame Abena
Nkechi Wanjiru Achieng Tendai Haruka Kenji Yoshiko Takumi Nobuyuki Min-jun
Seo-yeon Jiho Xiulan Zhiqiang Yuxuan Mei Hui Nguyễn Thuý Phương Đức Linh
Siti Budi Dewi Putu Rajesh Lakshmi Priyanka Venkatesh Sunita Harpreet
Siobhán Aoife Pádraig Niamh Rhiannon Llewellyn Angharad Hamish Morag Tavita
Leilani Kealoha Quetzalli Citlali Itzel Yaretzi Nahuel Ailén Amaru Illari
Oliver Charlotte Harper Mason Penelope Wyatt Beatrix Graham Hortense Quentin
Barnaby Winifred Percival Jemima Dashiell Marlowe Tobias Leopold
""".split()
_FAMILIES = """
Etxeberria Aguirregabiria Zubizarreta Goikoetxea Ibarretxe Quintanilla
Villalobos Montenegro Carrasco Valdivieso Berruguete Lledó Puigdevall
Figueiredo Magalhães Vasconcelos Lefebvre Beauchamp Deschênes Vaillancourt
Schröder Hoffmann Weißgerber Krügel Steinmetz Vandenberghe Hoogendoorn
Lindqvist Sørensen Bjørnstad Hämäläinen Korhonen Wiśniewski Kowalczyk
Dąbrowski Novotný Dvořák Kovačević Szabó Petrescu Ionescu Papadopoulos
Yılmaz Öztürk Hakobyan Beridze Shevchenko Kuznetsova Rahimi Haddad Benyoussef
Okonkwo Adeyemi Mbeki Nyong'o Chaudhary Krishnamurthy Bandyopadhyay
Wickramasinghe Tanaka Watanabe Fujiwara Kobayashi Hwang Zhao Ouyang Trần
Abernathy Fairbanks Wexler Thornbury O'Donoghue MacAllister McGillicuddy
D'Angelo Bellucci Castiglione Quispe Mamani Huanca Ticona Colque Ñahui
Whitlock Pemberton Hargreaves Ashdown Blackwood Cartwright Dunmore
""".split()
_PLACES = """
Tegucigalpa Huehuetenango Cochabamba Antofagasta Zacatecas Chilpancingo
Iquitos Paysandú Barquisimeto Cuenca Alcorcón Torrevieja Ponferrada Sigüenza
Getxo Ondarroa Tarazona Villaviciosa Almuñécar Ubrique Coimbra Guimarães
Perpignan Besançon Quimper Angoulême Tübingen Düsseldorf Garmisch Wuppertal
Eindhoven Groningen Tromsø Malmö Jyväskylä Gdańsk Wrocław Plzeň Brno Győr
Timişoara Plovdiv Novi Kragujevac Thessaloniki Trabzon Diyarbakır Samarkand
Isfahan Marrakesh Ouagadougou Antananarivo Bulawayo Mombasa Kinshasa Enugu
Kagoshima Sapporo Busan Chengdu Da Hải Chiang Surabaya Thiruvananthapuram
Peshawar Chattogram Wollongong Invercargill Saskatoon Chicoutimi Albuquerque
Chattanooga Poughkeepsie Swindon Llandudno Kilkenny Aberdeen Lindenstraße
Kungsgatan Broadway Piccadilly Rivoli Ostrava Maracaibo Arequipa
""".split()
_ENDINGS = "S.A.|S.L.|Ltd|Inc.|GmbH|& Co.|Group|AG|Media|Labs|Motors|Air".split(
    "|"
)
_PARTICLES = ("de", "de la", "van der", "von", "da", "di", "el", "bin", "Mc")
_VOWELS = set("aeiouyáéíóúàèìòùäëïöüâêîôûãõåæøœıąęěůýAEIOUYÁÉÍÓÚÅÖÜÄØ")
_SCRIPTS = (
    "абвгдежзиклмнопрстуфхцчшюя",
    "αβγδεζηθικλμνξοπρστυφχω",
    "あいうえおかきくけこさしすせそたちつ",
    "東京山川本田中村高木林小大人日月火水",
    "김이박최정강조윤장임한오서신권황안송",
    "ابتثجحدرسشعفقكلمنهوي",
    "אבגדהוזחטיכלמנסעפצקרשת",
)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _syllables(word: str) -> list[str]:
    """Cuts a word before the consonant in front of each vowel."""
    cuts = [
        i
        for i in range(1, len(word) - 1)
        if word[i] not in _VOWELS and word[i + 1] in _VOWELS
    ]
    edges = [0, *cuts, len(word)]
    return [word[a:b] for a, b in zip(edges, edges[1:], strict=False)]


_CUT = {
    kind: [_syllables(word) for word in words]
    for kind, words in (
        ("person", _PEOPLE),
        ("family", _FAMILIES),
        ("place", _PLACES),
    )
}


def _of(rng: random.Random, kind: str) -> str:
    """A name from the list, or one of the syllables of two or three of it."""
    if rng.random() < 0.3:
        return "".join(rng.choice(_CUT[kind]))
    first, last = rng.choice(_CUT[kind]), rng.choice(_CUT[kind])
    if rng.random() < 0.3:
        first = rng.choice(_CUT["place"])
    head = first[: rng.randint(1, max(len(first) - 1, 1))]
    tail = last[rng.randint(1, max(len(last) - 1, 1)) :] or last[-1:]
    if rng.random() < 0.2:
        head = [*head, rng.choice(rng.choice(_CUT["family"])).lower()]
    word = "".join([*head, *tail])
    word = word[:1].upper() + word[1:]
    return word if len(word) > 2 else "".join(rng.choice(_CUT[kind]))


def person(rng: random.Random) -> str:
    """The name of a person: one word, or several."""
    draw = rng.random()
    if draw < 0.5:
        return _of(rng, "person")
    if draw < 0.6:
        return _of(rng, "family")
    if draw < 0.8:
        return f"{_of(rng, 'person')} {_of(rng, 'family')}"
    if draw < 0.85:
        initials = " ".join(
            f"{rng.choice(_LETTERS)}." for _ in range(rng.randint(1, 2))
        )
        return f"{initials} {_of(rng, 'family')}"
    if draw < 0.9:
        parts = _of(rng, "person"), rng.choice(_PARTICLES), _of(rng, "family")
        return " ".join(parts)
    if draw < 0.94:
        return f"{_of(rng, 'person')}-{_of(rng, 'person')}"
    if draw < 0.97:
        three = _of(rng, "person"), _of(rng, "family"), _of(rng, "family")
        return " ".join(three)
    letters = rng.choice(_SCRIPTS)
    size = rng.randint(2, 6)
    return "".join(rng.choice(letters) for _ in range(size)).capitalize()


def place(rng: random.Random) -> str:
    """The name of a town, a street or a hill."""
    if rng.random() < 0.8:
        return _of(rng, "place")
    return f"{_of(rng, 'place')} {_of(rng, 'family')}"


def company(rng: random.Random) -> str:
    """The name of a company or a product."""
    draw = rng.random()
    name = _of(rng, "family")
    if draw < 0.3:
        return f"{name} {rng.choice(_ENDINGS)}"
    if draw < 0.5:
        return f"{name} {rng.randint(1, 20) * rng.choice((1, 10, 100))}"
    if draw < 0.7:
        return name[:4].upper()
    if draw < 0.8:
        return f"{name[:5].rstrip()}{_of(rng, 'place')[:4]}"
    return name


def word(rng: random.Random) -> str:
    """A word of no language, in small letters."""
    kind = rng.choice(("person", "family", "place"))
    return _of(rng, kind).lower()


def code(rng: random.Random) -> str:
    """A code of capitals and digits, such as XK-2041."""

    def letters(least: int, most: int) -> str:
        return "".join(
            rng.choice(_LETTERS) for _ in range(rng.randint(least, most))
        )

    digits = str(rng.randrange(10 ** rng.randint(1, 5)))
    draw = rng.random()
    if draw < 0.4:
        return f"{letters(1, 3)}-{digits}"
    if draw < 0.8:
        return f"{letters(1, 3)}{digits}"
    if draw < 0.9:
        return f"{digits}{letters(1, 2)}"
    return f"{letters(2, 3)}-{digits}-{letters(1, 2)}"


def integer(rng: random.Random) -> int:
    """A number of one to seven digits, of each as likely."""
    size = rng.randint(1, 7)
    return rng.randrange(10 ** (size - 1) if size > 1 else 2, 10**size)


def phone(rng: random.Random) -> str:
    """A telephone number."""
    groups = rng.choice(((3, 3, 3), (3, 2, 2, 2), (4, 4), (3, 4), (3, 3, 4)))
    parts = [str(rng.randrange(10 ** (size - 1), 10**size)) for size in groups]
    prefix = f"+{rng.randint(1, 99)} " if rng.random() < 0.3 else ""
    return prefix + rng.choice((" ", " ", "-")).join(parts)


def time(rng: random.Random) -> str:
    """A time of day, such as 18:45."""
    return f"{rng.randint(0, 23)}:{rng.randint(0, 59):02}"


def grouped(value: int, decimals: str, language: str) -> str:
    """A number with separators, as a language writes it.

    Args:
        value: before the separator of decimals.
        decimals: after it, or "".
        language: "en", or any other of Europe.
    """
    thousands, point = (",", ".") if language == "en" else (".", ",")
    text = f"{value:,}".replace(",", thousands)
    return text + (point + decimals if decimals else "")

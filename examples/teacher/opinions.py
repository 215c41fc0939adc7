"""Words of opinion and things to have one of.

The words come from the lexicon of VADER (Hutto and Gilbert 2014; MIT licence),
their parts of speech from that of TextBlob (Brill 1992; MIT licence).
"""

import importlib.util
from functools import cache
from pathlib import Path

THINGS = {
    "film": "movie;film;plot;acting;script;ending;soundtrack;story;cast;"
    "dialogue;sequel;documentary;series;episode;direction;lead actor;villain;"
    "pacing;cinematography;first half;humour;remake;trailer",
    "food": "food;soup;pizza;steak;coffee;dessert;service;menu;breakfast;"
    "sushi;bread;salad;waiter;restaurant;burger;curry;wine;meal;chef;fries;"
    "sauce;portion;buffet;pasta;beer;cake",
    "hotel": "hotel;room;bed;pool;location;staff;view;reception;shower;"
    "lobby;balcony;beach;apartment;hostel;pillow;air conditioning;bathroom;"
    "neighbourhood;receptionist;parking",
    "goods": "phone;battery;camera;charger;laptop;screen;keyboard;vacuum;"
    "blender;jacket;pair of shoes;headset;case;printer;watch;router;toaster;"
    "mattress;cable;speaker;product;sound;quality;fabric;app;manual;zipper;"
    "lens;remote;backpack;drill;kettle;chair;monitor;update;seller;packaging",
    "life": "flight;driver;teacher;lecture;weather;doctor;dentist;concert;"
    "neighbour;train;tour;museum;course;book;song;album;game;plan;budget;"
    "economy;speech;policy;deal;report;city;party;match;team;website;delivery;"
    "job;interview;boss;meeting;trip;bus;school;landlord;mechanic;haircut;"
    "lawyer;mayor;government;decision;bank;insurance;gym;exam;article",
}
# of single things that VADER rates otherwise or not at all
GOOD = (
    "good great excellent delicious tasty fresh tender crisp quiet clean cozy "
    "spacious comfortable sturdy durable reliable quick fast handy accurate "
    "responsive affordable moving gripping memorable original well made "
    "punctual spotless sharp smooth light simple useful prompt professional"
).split()
BAD = (
    "bad bland stale cold greasy soggy burnt overcooked tasteless slow noisy "
    "cramped shabby smelly flimsy fragile broken faulty unreliable clumsy "
    "confusing boring dull tedious predictable pointless forgettable shallow "
    "lifeless overpriced expensive dirty late unprofessional blurry wobbly "
    "unresponsive overrated slippery stiff tiny messy outdated salty"
).split()
GOOD_NOUNS = (
    "charm wit humour flavour style elegance heart talent warmth taste "
    "comfort quality skill imagination depth substance tension patience"
).split()
BAD_NOUNS = (
    "problems faults flaws trouble delays errors defects complaints bugs "
    "dirt noise mistakes regrets issues damage weaknesses surprises traffic "
    "queues crashes scratches stains hassle clutter"
).split()
GOOD_ACTS = (  # of a thing
    "works;holds up;delivers;lives up to the hype;keeps its promise;"
    "makes me smile;makes sense;pays off;helps;lasts;"
    "impressed me;won me over;exceeded my expectations;improved everything"
).split(";")
BAD_ACTS = (
    "breaks;crashes;leaks;falls apart;wastes your time;drags;falls flat;"
    "lets you down;misses the point;smells;rattles;overheats;"
    "disappointed me;annoyed everyone;ruined the evening;put me to sleep"
).split(";")
LOVES = "love like enjoy adore recommend appreciate admire trust value".split()
HATES = "hate dislike regret despise detest resent loathe".split()


@cache
def lexicon() -> dict[str, dict[int, list[str]]]:
    """Words of VADER by part of speech, JJ or NNS, and sign."""
    tags = {}
    path = _folder("textblob") / "en" / "en-lexicon.txt"
    for line in path.read_text("utf-8").splitlines():
        word, _, tag = line.partition(" ")
        tags[word] = (tag.split() or [""])[0]
    words = {
        "JJ": {1: [*GOOD], -1: [*BAD]},
        "NNS": {1: [*GOOD_NOUNS], -1: [*BAD_NOUNS]},
    }
    path = _folder("vaderSentiment") / "vader_lexicon.txt"
    for line in path.read_text("utf-8").splitlines():
        word, valence = line.split("\t")[:2]
        sign = 1 if float(valence) > 0 else -1
        tag = tags.get(word)
        if abs(float(valence)) < 1.2 or not word.isalpha():
            continue
        if tag == "JJ" or (tag == "VBG" and word.endswith("ing")):
            words["JJ"][sign].append(word)
        elif tag == "NNS":
            words["NNS"][sign].append(word)
    return words


def _folder(package: str) -> Path:
    """The folder of an installed package, which is not imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"pip install {package}")
    return Path(spec.origin).parent


@cache
def valences() -> dict[str, float]:
    """Words, emoticons and emoji of VADER, -4 to 4, the weakest left out."""
    signs = {}
    path = _folder("vaderSentiment") / "vader_lexicon.txt"
    for line in path.read_text("utf-8").splitlines():
        word, valence = line.split("\t")[:2]
        if abs(float(valence)) >= 0.8:
            signs[word] = float(valence)
    return signs

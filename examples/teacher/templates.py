"""Sentences with a known label: negation, contrast and order, by grammar."""

import random
import re

import clauses
import opinions

_FLIPS = (  # A is an adjective of the sign opposite to the sentence's
    "{T} {be} not {A}|{T} {be}n't {A}|{T} {be}n't {A} at all|not {A}|"
    "not {A} at all|not at all {A}|not even {A}|{T} {be} never {A}|"
    "{T} {be} not exactly {A}|{T} {be} not particularly {A}|"
    "{T} {be} not {i} {A}|{T} {be}n't {i} {A}|not {i} {A}, this {t}|"
    "{T} {be} hardly {A}|hardly {A}|{T} {be} barely {A}|{T} {be} scarcely {A}|"
    "{T} {be} rarely {A}|{T} {be} seldom {A}|{T} {be} anything but {A}|"
    "anything but {A}|{T} {be} far from {A}|far from {A}|far from being {A}|"
    "{T} {be} by no means {A}|{T} {be} in no way {A}|in no way {A}|"
    "{T} {be} not remotely {A}|{T} {be} not the least bit {A}|"
    "{T} {be} no longer {A}|{T} {be}n't {A} any more|{T} {be}n't {A} anymore|"
    "{T} stopped being {A}|{T} fails to be {A}|{T} failed to be {A}|"
    "{T} refuses to be {A}|{T} does n't manage to be {A}|"
    "nothing about {T} {be} {A}|there {be} nothing {A} about {T}|"
    "nothing {A} here|nobody thought {T} {be} {A}|no one found {T} {A}|"
    "none of it {be} {A}|none of us found {T} {A}|neither {A} nor {A2}|"
    "{T} {be} neither {A} nor {A2}|no {A} {t} at all|not a {A} {t}|"
    "it {be} not a {A} {t}|this {be}n't a {A} {t}|hardly a {A} {t}|"
    "i do n't think {T} {be} {A}|i do n't find {T} {A}|"
    "i would n't call {T} {A}|i would n't say {T} {be} {A}|"
    "i can n't say {T} {be} {A}|you can n't call {T} {A}|"
    "nobody could call {T} {A}|nobody would say that {T} {be} {A}|"
    "i doubt that {T} {be} {A}|i never thought {T} {be} {A}|"
    "it is not true that {T} {be} {A}|it would be wrong to call {T} {A}|"
    "{T} did n't seem {A}|{T} does n't look {A} to me|{T} did not feel {A}|"
    "they say {T} {be} {A} . it {be} not|everyone says {T} {be} {A} . {no}|"
    "i was told {T} {be} {A} . {no}|people call {T} {A} . they are wrong|"
    "the ad says {A} . {no}|critics called it {A} . i disagree|"
    "{A} ? {no}|{A} ? not really|is {T} {A} ? {no}|{A} , they said . {no}|"
    "if you expect a {A} {t} , you will be surprised : it {be} not|"
    "less {A} than expected|{T} {be} less {A} than the old one|"
    "{T} {be} not as {A} as they say|not nearly as {A} as the last one|"
    "{T} {be} far less {A} than i thought|{T} {be} not that {A}|"
    "not one {A} moment|not a single {A} moment|there {be} no {A} part|"
    "never {A}|{T} {be} never once {A}|i have never found {T} {A}|"
    "without being {A}|{T} never felt {A}|{T} never gets {A}|"
    "i thought it would be {A} , but no|the {A} {t} they promised ? nowhere"
).split("|")
_KEEPS = (  # A has the sign of the sentence, D the other one
    "{T} {be} {A}|{A}|{A} {t}|{i} {A}|{i} {A} {t}|what a {A} {t}|"
    "{T} {be} {i} {A}|{A} and {A2}|{T} {be} {A} and {A2}|a {A} , {A2} {t}|"
    "i found {T} {i} {A}|we thought {T} {be} {A}|{T} turned out to be {A}|"
    "{T} {be} {A} , not {D}|{A} , not {D}|{T} {be} {A} , not {D} at all|"
    "{A} , and not {D}|{A} rather than {D}|{T} {be} not {D} but {A}|"
    "{T} {be}n't {D} , it {be} {A}|not {D} , just {A}|not {D} : {A}|"
    "{T} {be} {A} instead of {D}|more {A} than {D}|"
    "{T} {be} not only {A} but also {A2}|not just {A} , but {A2} too|"
    "not only {be} {T} {A} , it {be} also {A2}|{A} , not to mention {A2}|"
    "without a doubt {A}|no doubt , {T} {be} {A}|no question : {A}|"
    "there {be} no denying that {T} {be} {A}|no wonder people call it {A}|"
    "nothing but {A}|{T} never stops being {A}|{T} could not be more {A}|"
    "{T} could n't be more {A}|could n't be {C}|"
    "i have never seen a {C} {t}|i have never had such a {A} {t}|"
    "never has a {t} been so {A}|nothing could be {C}|nothing is {C}|"
    "it does n't get {C} than this|the {S} {t} i have ever had|"
    "you wo n't find a {C} {t}|no {t} is {C}|i can n't imagine a {C} {t}|"
    "can n't deny that it {be} {A}|i must not forget how {A} {T} {be}|"
    "{T} {be} {C} than before|{T} {be} {C} than i expected|"
    "i expected {D} and got {A}|i feared it would be {D} , but it {be} {A}|"
    "{T} used to be {D} , now it is {A}|{T} {be} {D} once , but now {A}|"
    "they said it would be {D} , but it {be} {A}|{T} looks {D} but {be} {A}|"
    "{T} {be} {D} at first , but then it got {A}|{D} ? no , {A}|"
    "everyone says it is {D} . i think it is {A}|some call it {D} , i say {A}|"
    "although {T} {be} {D} , {T2} {be} {i} {A}|"
    "even though {T} {be} {D} , overall it {be} {A}|"
    "despite the {D} {t} , it {be} {i} {A}|a bit {D} , but {i} {A}|"
    "{T} {be} {D} , but overall {i} {A}|{T} {be} {D} . still , {i} {A}|"
    "i do n't think it is {D} , i think it is {A}|"
    "i do n't think it is n't {A}|you can n't say it {be} n't {A}|"
    "nobody can say that {T} {be} not {A}|never not {A}|"
    "there is no way to say it {be} not {A}|"
    "{i} {A} , no matter what others say|{T} {be} {A} , no two ways about it"
).split("|")
_PLUS = (
    "it {be}n't unpleasant|{T} {be} not unpleasant|not uninteresting|"
    "{T} {be} not unkind|not unattractive at all|"
    "{T} has no {bn}|no {bn}|no {bn} at all|no {bn} whatsoever|zero {bn}|"
    "not a trace of {bn}|there {be} no {bn}|i found no {bn}|without {bn}|"
    "without any {bn}|{T} {be} free of {bn}|never had any {bn}|"
    "we had no {bn} with {T}|{T} has {gn}|full of {gn}|{T} does n't lack {gn}|"
    "no lack of {gn}|{T} {be} not without {gn}|not without {gn}|"
    "there {be} no shortage of {gn}|nothing but {gn}|{T} never lacks {gn}|"
    "hardly any {bn}|barely any {bn}|few {bn}|{gn} without {bn}|"
    "{T} {ga}|{T} never {b_a}|{T} does n't {b_i}|it has n't let me down yet|"
    "it did n't disappoint|{T} never disappoints|{T} did not let us down|"
    "never fails to impress|{T} never fails to please|"
    "{T} never ceases to amaze me|i {l} {T}|i do n't {h} {T}|"
    "i do not {h} buying it|i did n't {h} a minute of it|"
    "i can n't recommend {T} enough|i can not praise {T} enough|"
    "you can n't go wrong with {T}|i could n't ask for more|"
    "i could n't be happier|could n't be more pleased with {T}|"
    "could n't have gone better|i can n't get enough of {T}|"
    "i can n't stop thinking about how {A} {T} {be}|can n't wait to return|"
    "i can n't complain|nothing to complain about|no complaints|"
    "nothing to criticise|i can n't fault {T}|can n't find fault with {T}|"
    "nothing wrong with {T}|i have nothing bad to say|not one bad word|"
    "i would n't change a thing|i would n't hesitate to buy it again|"
    "i would n't want any other {t}|i did n't want {T} to end|"
    "never a dull moment|not a dull minute|i could n't put it down|"
    "do n't miss it|do n't miss {T}|do n't hesitate|do not hesitate to go|"
    "you wo n't regret it|you will not be disappointed|i was not disappointed|"
    "nobody left unhappy|no one was disappointed|nobody complained|"
    "i do n't know what the critics did n't like|what is not to like|"
    "there is nothing not to like|i did n't expect to like it , but i did|"
    "i did n't think i would like it . i was wrong|"
    "i can n't say i did n't enjoy it|it is n't that i did n't like it|"
    "i never leave without a smile|never go home unhappy|"
    "despite the {bn} , i {l} {T}|although there {be} {bn} , i {l} {T}|"
    "it is worth every penny|worth the money|"
    "it was n't cheap , but it was worth it|not cheap , but worth it|"
    "{T} has never broken|it has not failed me once|never crashed once|"
    "i expected {bn} . there {be} none|i was afraid of {bn} : none|"
    "they warned me about {bn} . i saw none"
).split("|")
_MINUS = (
    "{T} has no {gn}|no {gn}|no {gn} at all|no {gn} whatsoever|zero {gn}|"
    "not a trace of {gn}|there {be} no {gn}|i found no {gn}|without {gn}|"
    "without any {gn}|{T} {be} devoid of {gn}|{T} lacks {gn}|lacking in {gn}|"
    "a lack of {gn}|short on {gn}|{T} never shows any {gn}|hardly any {gn}|"
    "barely any {gn}|little {gn}|{T} {be} not without {bn}|full of {bn}|"
    "nothing but {bn}|there {be} no shortage of {bn}|no end of {bn}|"
    "{T} has {bn}|{bn} everywhere|{T} {ba}|{T} never {g_a}|"
    "{T} does n't {g_i}|{T} did n't {g_i}|it wo n't {g_i}|"
    "it let me down|{T} disappoints|{T} never fails to disappoint|"
    "i {h} {T}|i do n't {l} {T}|i did not {l} {T}|i did n't {l} it at all|"
    "i never {l} {T}|nobody will {l} it|i can n't {l} {T}|"
    "i could not {l0} {T}|i would n't {l0} {T}|would not {l0}|"
    "i would n't {l0} it to anyone|i can n't {l0} this to my worst enemy|"
    "i would n't wish {T} on anyone|i could n't finish {T}|"
    "i could n't wait for it to end|i can n't understand the hype|"
    "i do n't get what people like about {T}|i can n't stand {T}|"
    "do n't buy it|do n't bother|do n't bother with {T}|"
    "do not waste your money|do n't waste your time on {T}|do n't go there|"
    "never again|never going back|we wo n't be back|i will not return|"
    "not worth it|{T} {be} n't worth the money|not worth a penny|"
    "it is n't worth your time|no reason to buy it|no thanks|"
    "it does n't work|it did n't work|it never worked|it no longer works|"
    "{T} stopped working|it does not do what it says|it does n't fit|"
    "nobody helped us|nobody answered|no one cared|no one laughed|"
    "nobody came to help|i never got an answer|no refund|never arrived|"
    "it did not arrive|no response from support|they never called back|"
    "nothing works|nothing happened|nothing to recommend it|"
    "there is nothing to like|nothing worth remembering|"
    "i have nothing good to say|not one good word|i was not impressed|"
    "i am not happy|i am not satisfied|we were not amused|did not care|"
    "i expected {gn} . there {be} none|i was promised {gn} : none|"
    "they promised {gn} . i saw none|despite the {gn} , i {h} {T}|"
    "although there {be} {gn} , i {h} {T}|"
    "i wanted to like it , but i could n't|"
    "i thought i would like it . i did n't|i wish it were {G}|"
    "{T} was supposed to be {G}|{T} should have been {G}|"
    "{T} could have been {G}|it would have been {G} without the {bn}|"
    "{T} was meant to be {G}|{T} used to be {G}|{T} was {G} once|"
    "it used to work|i used to {l} it|i used to {l} {T} , not any more|"
    "i once {l}d it|no {GC} than the old one|not much {GC} than before|"
    "{T} {be} no {GC} than the others|i expected something {GC}|"
    "i have seen {GC} ones|{T} could be {GC}|too {B} for me|"
    "too {G} to be true|only {G} if you like {bn}|if only it {be} {G}"
).split("|")
_SHORT = {
    "work": "works", "hold up": "holds up", "deliver": "delivers",
    "live up to the hype": "lives up to the hype", "help": "helps",
    "keep its promise": "keeps its promise", "make sense": "makes sense",
    "make me smile": "makes me smile", "pay off": "pays off",
    "last": "lasts", "break": "breaks", "crash": "crashes", "leak": "leaks",
    "fall apart": "falls apart", "waste your time": "wastes your time",
    "drag": "drags", "fall flat": "falls flat", "smell": "smells",
    "let you down": "lets you down", "miss the point": "misses the point",
    "rattle": "rattles", "overheat": "overheats",
}  # fmt: skip
_DO = {third: first for first, third in _SHORT.items()}
_STRONG = (
    "very really so extremely incredibly absolutely truly quite "
    "surprisingly consistently especially"
).split()
_NO = (
    "it is not;it isn't;it wasn't;not at all;no;hardly;far from it;"
    "i don't think so;nothing could be further from the truth;not for me;"
    "no way;it really wasn't;never"
).split(";")
_COMPARATIVES = {
    "good": "better", "great": "greater", "nice": "nicer", "bad": "worse",
    "funny": "funnier", "clean": "cleaner", "fast": "faster", "dirty":
    "dirtier", "slow": "slower", "ugly": "uglier", "rude": "ruder",
    "dull": "duller", "silly": "sillier", "kind": "kinder", "cold": "colder",
    "quick": "quicker", "fresh": "fresher", "quiet": "quieter",
}  # fmt: skip
_SUPERLATIVES = {"good": "best", "great": "greatest", "bad": "worst"}
_OPENINGS = (
    "honestly, ;well, ;to be fair, ;so ;and ;sorry, ;in my opinion, ;"
    "overall ;all in all, ;i must say "
).split(";")


def generate(count: int, seed: int = 0) -> list[tuple[str, float]]:
    """Returns sentences, each with the probability that it is positive."""
    draw = random.Random(seed)
    rows = {}
    while len(rows) < count:
        sign = draw.choice([1, -1])
        text = _clause(draw, sign)
        if draw.random() < 0.15:
            text = _join(draw, sign, text)
        rows[_vary(text, draw)] = 0.97 if sign > 0 else 0.03
    return list(rows.items())


def _join(draw: random.Random, sign: int, text: str) -> str:
    """Joins a clause to another: of its sign, or one that it outweighs."""
    if draw.random() < 0.5:
        return f"{text}{draw.choice([' and ', '. ', ', '])}" + _clause(
            draw, sign
        )
    return _clause(draw, -sign) + draw.choice([", but ", ". but "]) + text


def _clause(draw: random.Random, sign: int) -> str:
    kind = draw.random()
    own = _PLUS if sign > 0 else _MINUS
    if kind < 0.25:
        return clauses.clause(draw, sign, _subject(draw))
    if kind < 0.4:
        return _statement(draw, sign)
    kind = draw.random()
    if kind < 0.4:
        return _fill(draw, draw.choice(_FLIPS), -sign)
    return _fill(draw, draw.choice(_KEEPS if kind < 0.65 else own), sign)


def _subject(draw: random.Random) -> str:
    if draw.random() < 0.3:
        return "it"
    things = draw.choice(list(opinions.THINGS.values())).split(";")
    return (
        f"{draw.choice(['the', 'this', 'my', 'their'])} {draw.choice(things)}"
    )


def _statement(draw: random.Random, sign: int) -> str:
    """A sentence about a sentence: "I do not think that it is dull"."""
    plain, negated = "{T} {be} {A}|{T} {be} {i} {A}", "{T} {be}n't {A}"

    def simple(sign: int) -> str:
        kind = draw.random()
        if kind < 0.5:
            return _fill(draw, draw.choice(plain.split("|")), sign)
        if kind < 0.7:
            return _fill(draw, negated, -sign)
        return clauses.clause(draw, sign, _subject(draw))

    while True:
        inner = draw.choice([1, -1])
        text, keeps = clauses.statement(draw, simple(inner), simple(-inner))
        if sign == (inner if keeps else -inner):
            return text


def _fill(draw: random.Random, template: str, sign: int) -> str:
    things = draw.choice(list(opinions.THINGS.values())).split(";")
    thing, other = draw.choice(things), draw.choice(things)
    the = draw.choice(["the", "the", "this", "my", "that", "their", "it"])
    words = opinions.lexicon()
    plain = {1: opinions.GOOD, -1: opinions.BAD}

    def adjective(sign: int) -> str:
        pool = plain[sign] if draw.random() < 0.35 else words["JJ"][sign]
        return draw.choice(pool)

    def noun(sign: int) -> str:
        pools = {1: opinions.GOOD_NOUNS, -1: opinions.BAD_NOUNS}
        pool = pools[sign] if draw.random() < 0.6 else words["NNS"][sign]
        return draw.choice(pool)

    a, good, bad = adjective(sign), adjective(1), adjective(-1)
    good_act = draw.choice(opinions.GOOD_ACTS)
    bad_act = draw.choice(opinions.BAD_ACTS)
    infinite = [act for act in opinions.GOOD_ACTS if act in _DO]
    bad_infinite = [act for act in opinions.BAD_ACTS if act in _DO]
    return template.format(
        T="it" if the == "it" else f"{the} {thing}",
        T2=f"the {other}",
        t=thing,
        A=a,
        A2=adjective(sign),
        D=adjective(-sign),
        C=_COMPARATIVES.get(a, f"more {a}"),
        S=_SUPERLATIVES.get(a, f"most {a}"),
        G=good,
        B=bad,
        GC=_COMPARATIVES.get(good, f"more {good}"),
        gn=noun(1),
        bn=noun(-1),
        ga=good_act,
        ba=bad_act,
        g_a=draw.choice(infinite),
        b_a=draw.choice(bad_infinite),
        g_i=_DO[draw.choice(infinite)],
        b_i=_DO[draw.choice(bad_infinite)],
        l=draw.choice(opinions.LOVES),
        l0=draw.choice(["recommend", "praise", "buy", "trust"]),
        h=draw.choice(opinions.HATES),
        i=draw.choice(_STRONG),
        be=draw.choice(["is", "was"]),
        no=draw.choice(_NO),
    )


def _vary(text: str, draw: random.Random) -> str:
    """Writes a sentence as people do: contracted, without a mark, loud."""
    text = text.replace("can n't", "can't").replace("wo n't", "won't")
    text = re.sub(r" (n't|[,.?:])", r"\1", text)
    text = re.sub(r"\ba(?= [aeiou])", "an", text)
    if draw.random() < 0.12:
        text = draw.choice(_OPENINGS) + text
    if draw.random() < 0.6:
        text = re.sub(
            r"(^|[.?] )(\w)", lambda m: m[1] + m[2].upper(), text
        ).replace(" i ", " I ")
    ending = draw.choice([".", ".", "", "!"])
    text += "!!!" if draw.random() < 0.04 else ending
    if draw.random() < 0.03:
        text = text.upper()
    return text.replace("'", "") if draw.random() < 0.06 else text

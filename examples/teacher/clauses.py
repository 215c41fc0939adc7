"""Sentences of a verb phrase and what turns its opinion round, or keeps it.

An operator flips the sign of the phrase ("never", "nobody", "I doubt that") or
keeps it ("never fails to", "who would not"); operators stand one in another.
"""

import random
import re

THINGS_DO = {  # what a thing does, in the infinitive
    1: "work;hold up;deliver;last;help;fit;make sense;keep its promise;pay off;"
    "live up to the hype;impress me;win me over;exceed my expectations;"
    "make me laugh;hold my attention;taste fresh;smell nice;feel right;"
    "look good;run smoothly;start on time;arrive on time;do its job;"
    "meet our needs;stand the test of time;touch me;grip me;ring true;"
    "come together;cheer me up;deserve praise;justify its price;"
    "solve the problem;bring the story to life;save time;charge quickly;"
    "earn its five stars;please the crowd;answer our questions;"
    "make my day;improve my life;come alive;get better;feel fresh;"
    "hit the spot;keep you warm;protect the screen;treat people well",
    -1: "break;crash;leak;fall apart;drag;fall flat;overheat;waste your time;"
    "let you down;miss the point;disappoint;disappoint me;annoy anyone;"
    "bore me;put me to sleep;lose its way;wear thin;run out of steam;"
    "get old;freeze;jam;rattle;hurt;scratch;fade;shrink;cause trouble;"
    "make me sick;make me cringe;drain the battery;feel forced;feel cheap;"
    "taste stale;cost too much;arrive late;go wrong;fail;stall;"
    "ruin the evening;insult the audience;confuse everybody;"
    "overstay its welcome;get on my nerves;give me a headache;need repairs;"
    "cheat its customers;lie to us;make things worse;lose the thread",
}
PEOPLE_DO = {  # what a guest, a reader, a customer does
    1: "enjoy it;love it;like it;recommend it;go back;come back;return;"
    "buy it again;have fun;laugh;smile;praise it;trust them;feel welcome;"
    "feel safe;sleep well;eat well;thank them;admire it;watch it again;"
    "stay there again;order it again;cheer;approve of it;benefit from it;"
    "finish my plate;understand the story;believe in it;feel better",
    -1: "regret it;complain;hate it;leave unhappy;get bored;fall asleep;"
    "walk out;ask for my money back;want my money back;waste my money;"
    "feel ripped off;feel cheated;suffer;get sick;dislike it;"
    "find fault with it;have trouble;need a refund;lose patience;yawn;"
    "go home hungry;change a thing;doubt its quality;be disappointed;"
    "be let down;be bored;throw it away;demand a refund;roll my eyes",
}
_FLIP_THING = (
    "{S} did n't {v}|{S} does n't {v}|{S} does not {v}|{S} never {d}|"
    "{S} never {p}|{S} fails to {v}|{S} failed to {v}|{S} wo n't {v}|"
    "{S} will not {v}|{S} will never {v}|{S} hardly ever {d}|{S} rarely {d}|"
    "{S} seldom {d}|{S} refuses to {v}|{S} stopped {g}|{S} no longer {d}|"
    "{S} did not {v} once|{S} used to {v}|{S} does n't seem to {v}|"
    "{S} does n't {v} any more|{S} does n't even {v}|{S} can n't {v}|"
    "{S} scarcely {d}|{S} is unlikely to {v}|not once did {S} {v}|"
    "{S} is far from {g}|{S} did everything but {v}|{S} barely {d}|"
    "there is no way {S} will {v}|{S} is not going to {v}|"
    "nothing about {S} {d}|{S} has yet to {v}|at no point did {S} {v}"
).split("|")
_KEEP_THING = (
    "{S} {d}|{S} {p}|{S} will {v}|{S} always {d}|{S} really {d}|"
    "{S} never fails to {v}|{S} did n't fail to {v}|{S} does not fail to {v}|"
    "{S} never stops {g}|{S} has n't stopped {g}|{S} can n't help {g}|"
    "not once did {S} fail to {v}|not one time did {S} not {v}|"
    "{S} rarely fails to {v}|{S} is bound to {v}|there is nothing to keep "
    "{S} from {g}|{S} never did anything but {v}|"
    "{S} did nothing but {v}|{S} does nothing but {v}|"
    "it would be odd if {S} did n't {v}|{S} not only {d} , it lasts|"
    "it was n't long before {S} {p}|no matter what , {S} {d}"
).split("|")
_FLIP_PEOPLE = (
    "nobody {p}|no one {p}|no one will {v}|nobody will {v}|none of us {p}|"
    "not one guest {p}|you wo n't {v}|you will not {v}|i wo n't {v}|"
    "i would n't {v}|i did n't {v}|i did not {v}|we did n't {v}|i never {p}|"
    "we never {v}|few people {v}|hardly anyone {p}|we hardly ever {v}|"
    "there is no reason to {v}|i see no reason to {v}|i had no reason to {v}|"
    "i have no plans to {v}|it never made me {v}|it did n't make me {v}|"
    "nothing made me {v}|i refuse to {v}|i could n't {v}|i can n't {v}|"
    "how could anyone {v} ?|who would {v} ?|i can n't imagine anyone who would "
    "{v}|not a single customer {p}|you will have no cause to {v}|"
    "neither of us {p}|i have yet to {v}|we left without {g}|"
    "it is hard to {v}|it is impossible to {v}|i doubt you will {v}|"
    "i was n't about to {v}|i used to {v} , not any more"
).split("|")
_KEEP_PEOPLE = (
    "everyone {p}|we all {p}|i {p}|you will {v}|i would {v}|it made me {v}|"
    "it makes you {v}|nobody failed to {v}|no one did n't {v}|"
    "who would n't {v} ?|there was n't a guest who did n't {v}|"
    "i could n't help but {v}|i can n't imagine not {g}|"
    "i have never met anyone who did n't {v}|not one person did n't {v}|"
    "how could you not {v} ?|it is impossible not to {v}|it is hard not to {v}|"
    "i did n't stop {g}|there is every reason to {v}|you can n't help {g}|"
    "i never stop {g}|nobody was there who did n't {v}|do n't be surprised if "
    "you {v}|i did nothing but {v}|i had no choice but to {v}|"
    "i can n't say i did n't {v}|it is not that i did n't {v}|"
    "few people did n't {v}|you would be hard pressed not to {v}"
).split("|")
_FLIP_WHOLE = (
    "i do n't think {c}|i do n't think that {c}|i do n't believe {c}|"
    "i doubt that {c}|i doubt {c}|nobody would say that {c}|"
    "no one could claim that {c}|it is not true that {c}|it is n't as if {c}|"
    "it is not that {c}|i would n't say {c}|i can n't say {c}|"
    "they say {c} . they are wrong|they say {c} . i disagree|"
    "my friends said {c} . not true|some say {c} . nonsense|"
    "do n't believe those who say {c}|i am not saying {c}|"
    "it would be a lie to say that {c}|i see no sign that {c}|"
    "who says {c} ? not me|i was told {c} . quite the opposite|"
    "i find it hard to believe that {c}|i am not convinced that {c}|"
    "i can not agree that {c}|i expected that {c} . i was wrong|"
    "contrary to what people say , it is not the case that {c}|"
    "i have never heard anyone say that {c}|it is a myth that {c}"
).split("|")
_KEEP_WHOLE = (
    "i think {c}|i do think {c}|i am sure {c}|everybody agrees that {c}|"
    "no one can deny that {c}|nobody can deny that {c}|i can n't deny that {c}|"
    "there is no doubt that {c}|i do n't doubt that {c}|no wonder {c}|"
    "it is no secret that {c}|i have to admit that {c}|i must say {c}|"
    "you can n't tell me {c2}|i do n't think anyone doubts that {c}|"
    "not everyone knows it , but {c}|i did n't expect it , but {c}|"
    "i do n't care what others say , {c}|no question , {c}|"
    "not to mention that {c}|i do n't want to repeat myself , but {c}|"
    "never mind the critics , {c}|i am not kidding , {c}|"
    "it is n't a surprise that {c}|i am not the only one who thinks {c}|"
    "it goes without saying that {c}|i could n't believe it : {c}"
).split("|")
_PAST = dict(
    pair.split(":")
    for pair in (
        "hold:held keep:kept pay:paid win:won make:made feel:felt run:ran "
        "do:did meet:met stand:stood come:came get:got hit:hit bring:brought "
        "break:broke fall:fell let:let put:put lose:lost wear:wore "
        "freeze:froze hurt:hurt shrink:shrank cost:cost go:went give:gave "
        "buy:bought have:had sleep:slept eat:ate leave:left find:found be:was "
        "throw:threw understand:understood ring:rang treat:treated fit:fit "
        "overstay:overstayed thank:thanked jam:jammed grip:gripped "
        "drag:dragged let:let"
    ).split()
)
_DOUBLE = "run get hit put let jam grip drag fit win".split()


def third(phrase: str) -> str:
    """From "work" makes "works"."""
    verb, _, rest = phrase.partition(" ")
    special = {"be": "is", "have": "has", "do": "does", "go": "goes"}
    if verb not in special:
        if verb.endswith(("s", "sh", "ch", "x")):
            special[verb] = verb + "es"
        elif verb.endswith("y") and verb[-2] not in "aeo":
            special[verb] = verb[:-1] + "ies"
    return f"{special.get(verb, verb + 's')} {rest}".strip()


def past(phrase: str) -> str:
    """From "work" makes "worked"."""
    verb, _, rest = phrase.partition(" ")
    if verb in _PAST:
        word = _PAST[verb]
    elif verb.endswith("e"):
        word = verb + "d"
    elif verb.endswith("y") and verb[-2] not in "aeo":
        word = verb[:-1] + "ied"
    else:
        word = verb + "ed"
    return f"{word} {rest}".strip()


def gerund(phrase: str) -> str:
    """From "work" makes "working"."""
    verb, _, rest = phrase.partition(" ")
    if verb in _DOUBLE:
        verb += verb[-1]
    elif verb == "lie":
        verb = "ly"
    elif verb.endswith("e") and verb != "be":
        verb = verb[:-1]
    return f"{verb}ing {rest}".strip()


def clause(draw: random.Random, sign: int, subject: str) -> str:
    """A sentence of this sign about a subject, "the soup" or "it"."""
    keeps = draw.random() < 0.4
    inner = sign if keeps else -sign
    if draw.random() < 0.5:
        frames = _KEEP_THING if keeps else _FLIP_THING
        phrase = draw.choice(THINGS_DO[inner].split(";"))
    else:
        frames = _KEEP_PEOPLE if keeps else _FLIP_PEOPLE
        phrase = draw.choice(PEOPLE_DO[inner].split(";"))
    if phrase in PEOPLE_DO[inner]:
        phrase = re.sub(r"\bit\b", subject, phrase)
    return draw.choice(frames).format(
        S=subject, v=phrase, d=third(phrase), p=past(phrase), g=gerund(phrase)
    )


def statement(draw: random.Random, inner: str, other: str) -> tuple[str, bool]:
    """A sentence about a clause, and whether it keeps the clause's sign.

    Args:
        draw: random numbers.
        inner: the clause.
        other: a clause of the other sign.
    """
    keeps = draw.random() < 0.4
    frames = _KEEP_WHOLE if keeps else _FLIP_WHOLE
    return draw.choice(frames).format(c=inner, c2=other), keeps

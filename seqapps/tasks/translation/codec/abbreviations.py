"""Full stops that end no sentence: abbreviations, initials, ordinals."""

SHIELD = "\ufdd1"  # stands for a full stop that ends no sentence
_NAME = r"(^|[^\pL\pN])"  # a word begins

# abbreviations before a name: never the end of a sentence
_TITLES = {
    "es": (
        "[Ss]r(?:a|es|as|ta|tas)?|[Dd]r(?:a|es|as)?|Dña|[Pp]rofa?|[Ii]ng|[Ll]ic"
        "|[Aa]rq|[Gg]ral|[Cc]nel|[Cc]mdte|[Tt]te|[Ss]gto|Mons|Excm[oa]|Ilm[oa]"
        "|Rvdo|St[oa]|Hn[oa]|Vda|[Aa]vda?|[Cc]tra|Pza|Pl|aprox|cf|vs"
    ),
    "en": (
        "Mrs?|Ms|Mx|Messrs|Drs?|Profs?|St|Rev|Hon|Gen|Col|Maj|Capt|Lt|Sgt|Cpl"
        "|Gov|Sen|Rep|Pres|Mt|Ft|vs|approx|al|cf|e\\.g|i\\.e|viz"
    ),
    "de": (
        "Hr|Hrn|Fr|Dr|Prof|Dipl|Ing|St|bzw|vgl|ca|evtl|ggf|inkl|exkl|zzgl|sog"
        "|insb|gest|geb"
    ),
    "fr": "M|MM|Mmes?|Mlles?|Mgr|Dr|Pr|Ste?|cf|env|av|boul|bd|c\\.-à-d",
}
# abbreviations before a number
_NUMBERED = {
    "es": (
        "[Nn]úm|[Nn]os?|[Pp]ágs?|pp?|[Aa]rts?|[Cc]ap|[Vv]ol|[Ff]igs?|[Tt]els?"
        "|[Aa]pdo|ene|feb|mar|abr|may|jun|jul|ago|sept?|oct|nov|dic|máx|mín"
    ),
    "en": (
        "[Nn]os?|pp?|[Cc]h|[Vv]ol|[Ff]igs?|[Ss]ec|[Ee]d|[Tt]el|ext|Jan|Feb|Mar"
        "|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|max|min|c"
    ),
    "de": "Nr|Nrn|Abs|Art|Bd|Kap|Tel|S|max|mind|Mio|Abb",
    "fr": "n|[Nn]os?|pp?|[Aa]rt|[Cc]hap|[Vv]ol|[Ff]ig|[Tt]él|janv|févr|juill",
}
# the first and the second word of those of two
_PAIRS = {
    "es": ("p", "ej"),
    "en": ("e|i", "g|e"),
    "de": ("z|d|u|o|i|v|s", "B|h|a|ä|A|d|R|T|u|o"),
    "fr": ("p", "ex"),
}
_MASK = r"[\x{E000}-\x{F8FF}]"  # often a number
_A_NUMBER = rf"\pN|{_MASK}|(?:[VX]|[IVXL]{{2,}})[^\pL]"
_AFTER_ORDINALS = (
    "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November"
    "|Dezember|Jahrhundert|Klasse|Stock|Liga|Mal|Weltkrieg|Geburtstag"
)


def shields(language: str = "") -> list[tuple[str, str]]:
    """Patterns of full stops that end no sentence, and their replacements.

    A replacement has as many characters as what it replaces: `SHIELD` is
    written for the full stop.

    Args:
        language: "es", "en", "de", "fr", or "" for all of them together.
    """
    languages = [language] if language in _TITLES else list(_TITLES)

    def of(table: dict[str, str]) -> str:
        return "|".join(table[name] for name in languages)

    pairs = [
        (
            rf"{_NAME}({_PAIRS[name][0]})\.( ?)({_PAIRS[name][1]})\.",
            rf"\1\2{SHIELD}\3\4{SHIELD}",
        )
        for name in languages
    ]
    ordinal = r"( \pL)" if language == "de" else rf"( (?:{_AFTER_ORDINALS}))"
    return [
        (r"EE\.( ?)UU", rf"EE{SHIELD}\1UU"),
        *pairs,
        (rf"{_NAME}({of(_TITLES)})\.", rf"\1\2{SHIELD}"),
        (
            rf"{_NAME}({of(_NUMBERED)})\.( ?(?:{_A_NUMBER}))",
            rf"\1\2{SHIELD}\3",
        ),
        (r"(\p{Ll} I)\.", r"\1!"),  # "so do I. Then": no initial
        (rf"{_NAME}((?:\p{{Lu}}\.)*\p{{Lu}})\.", rf"\1\2{SHIELD}"),
        (rf"(^|[^\pL\pN.,])(\pN{{1,2}})\.{ordinal}", rf"\1\2{SHIELD}\3"),
        (rf"({_MASK})\.( (?:{_AFTER_ORDINALS}))", rf"\1{SHIELD}\2"),
        (r"\.\.( +\pN)", rf"{SHIELD}{SHIELD}\1"),  # an ellipsis
        (r"\x{2026}( +\pN)", rf"{SHIELD}\1"),
    ]

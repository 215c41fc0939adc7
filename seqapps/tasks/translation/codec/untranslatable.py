"""Patterns of what is not to be translated, as RE2 reads them.

They are for texts in which `LETTER` stands for all letters and digits that are
not ASCII, and `SYMBOL` for most other characters: Unicode's classes would make
a pattern of this length slow.
"""

LETTER, SYMBOL, REST = "\u00f1", "\u00ac", "\ufdd5"
ENDLESS = r"[A-Za-z0-9+/=_-]{50,}"  # no word is as long
LEFT_AS_THEY_ARE = "\u2026\u00bb\u201d\u2019"  # what may close after a URL

_FILE_TYPES = (
    "txt|pdf|docx?|xlsx?|pptx?|od[tsp]|rtf|csv|tsv|json|xml|ya?ml|toml|ini|cfg"
    "|conf|log|md|rst|tex|html?|css|js|ts|jsx|tsx|php|py|ipynb|rb|java|class"
    "|jar|c|cc|cpp|h|hpp|rs|go|sh|bat|ps1|sql|db|po|pot|mo|srt|vtt|epub|png"
    "|jpe?g|gif|svg|webp|bmp|ico|tiff?|mp[34]|wav|ogg|flac|mkv|avi|mov|zip|tar"
    "|gz|tgz|bz2|xz|rar|7z|exe|dll|so|msi|dmg|apk|iso|bak|tmp|lock"
)
_TOP_LEVELS = (
    "com|org|net|edu|gov|info|io|dev|app|mx|ar|cl|pe|uk|fr|br|eu|tv"
    "|ve|ec|gt|cr|uy|py|bo|pt|nl|ch|dk|fi|pl|cz|ru|jp|cn|nz|ca|ie|cat"
)
_IN_URL = r"\([^\s<>\"'()]*\)|\{[^\s{}]*\}"
_URL = (
    r"(?:[A-Za-z][A-Za-z0-9+.-]{1,9}://|www\.|mailto:)"
    rf"(?:[^\s<>\"'(){{}}\[\]]|{_IN_URL})*"
    rf"(?:[^\s<>\"'(){{}}\[\].,;:!?…»”’]|{_IN_URL})"
)
_ATTRIBUTE = r"\s+[\w:@.-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>=]+))?"
_WORD = rf"[\w{LETTER}-]"
_NAME = rf"[A-Z{LETTER}][\w{LETTER}'’.-]*"
_LINK = r"(?:d[ei] (?:l[ao]s? )?|del |da |do |des? (?:la )?|du |y )?"
# before the name of a street, in Spanish, Portuguese, Italian and French
_STREET = (
    rf"(?i:calle|callej{LETTER}n|avenida|avda\.?|av\.|plaza|pza\.?|paseo|ronda"
    rf"|camino|carretera|travesía|travesia|glorieta|bulevar|calzada|rambla|jir"
    rf"{LETTER}n|pasaje|gran v{LETTER}a|rua|avenue|rue|via|viale|piazza|c/)"
).replace("í", LETTER)
# after it, in English
_ROAD = (
    "(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Square"
    "|Court|Place|Terrace|Row|Crescent|Close|Way)"
)
_CODE = "(?:kbd|code|samp|var|tt)"
_KEY = rf"<{_CODE}>[^<>]{{0,80}}</{_CODE}>"
_PROGRAMS = (
    "Python|Java|Node|Ruby|Perl|Rust|Windows|Android|Linux|Ubuntu|Debian|Fedora"
    "|Firefox|Chrome|Safari|Edge|Excel|Word|Photoshop|Django|Rails|Angular"
    "|React|Docker|Keras|Blender|Gimp|Bluetooth"
)
_PATTERNS = [
    rf"[\x{{E000}}-\x{{F8FF}}]{REST}*",  # of the private use area; terms
    r"(?s:<!--.*?-->)",
    r"<[!?][A-Za-z\[][^<>]*>",
    # code and keys, with what they hold: <kbd>Ctrl</kbd>+<kbd>S</kbd>
    rf"{_KEY}(?: ?\+ ?{_KEY})*",
    rf"</?[A-Za-z][\w:.-]*(?:{_ATTRIBUTE})*\s*/?>",
    r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);",
    r"\[\[[^\[\]\n]{1,60}\]\]",
    r"\{\{[^{}\n]*\}\}|\{%[^{}\n]*%\}",
    r"\$\{[^{}\s]*\}|\$\([A-Za-z_]\w*\)",
    r"\{[\w.:,!<>^+=\[\]'%-]*\}",
    r"%\([\w.]+\)[-+#0]*[0-9]*(?:\.[0-9]+)?[A-Za-z]",
    r"%(?:[0-9]+\$)?[-+#0]*[0-9]*(?:\.[0-9]+)?(?:hh|h|ll|l|z)?"
    r"[sdifuoxXeEgGcp@](?:%%)?",
    r"%[A-Z_]{2,}%|%%",
    r"\$[A-Za-z_]\w*",
    _URL,
    rf"[\w{LETTER}.%+-]*[\w{LETTER}%+-]@{_WORD}+(?:\.{_WORD}+)*"
    rf"\.[A-Za-z{LETTER}]{{2,}}",
    # paths: C:\\x, \\\\x\\y, /x/y, ./x, ~/x
    r"(?:[A-Za-z]:\\|\\\\)[^\s<>\"|?*]*[^\s<>\"|?*.,;:!)\]»”’]",
    r"\\[nrt]",
    rf"(?:~|\.{{1,2}})?/(?:[\w.@%+{LETTER}-]+/)*"
    rf"(?:[\w.@%+{LETTER}-]*[\w@%+{LETTER}-]|[\w{LETTER}])/?",
    rf"(?:{_WORD}+/)*{_WORD}+(?:\.{_WORD}+)*\.(?:{_FILE_TYPES})\b",
    # a host of a country, of three parts: news.example.co.uk
    r"[A-Za-z][A-Za-z0-9-]+(?:\.[A-Za-z][A-Za-z0-9-]+)+\.[a-z]{2}"
    r"\b(?:/[^\s<>\"'()]*[^\s<>\"'().,;:!?…»”’])?",
    rf"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.(?:{_TOP_LEVELS})"
    r"\b(?:/[^\s<>\"'()]*[^\s<>\"'().,;:!?…»”’])?",
    # a host with a path, and a placeholder such as :name
    r"(?:[a-z0-9-]+\.)+[a-z]{2,}/[^\s<>\"'()]*[^\s<>\"'().,;:!?…»”’]",
    r"\B:[a-z_][a-z0-9_]*\b",
    rf"#[\w{LETTER}]*[A-Za-z_{LETTER}][\w{LETTER}]*",
    rf"@[\w{LETTER}][\w{LETTER}.]*[\w{LETTER}]|@[\w{LETTER}]",
    # addresses with a number: calle Mayor, 5; 5 High Street
    rf"{_STREET} {_LINK}{_NAME}(?: {_LINK}{_NAME}){{0,4}},? "
    r"(?:n\.? ?)?[0-9]{1,5}[A-Z]?\b",
    rf"[0-9]{{1,5}}[A-Z]? (?:{_NAME} ){{1,3}}{_ROAD}\b",
    rf"(?i:gran v{LETTER}a),? [0-9]{{1,4}}\b",
    r"(?i:calle|carrera|cra\.?|transversal|diagonal) [0-9]+[A-Z]?"
    r" (?:(?i:no|n)\.? ?|# ?)?[0-9]+[A-Z]?(?: ?- ?[0-9]+)?\b",
    # plates of cars and units: 4821 KLM, 40 W
    r"[0-9]{4} [A-Z]{3}\b",
    r"[0-9]+ (?:[kM]?Wh?|[kMG]?Hz|[KMGT]B|mAh|dB|V|A|W)\b",
    # identifiers, hexadecimal numbers, versions
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",
    r"0x[0-9a-fA-F]+",
    r"[vV][0-9]+(?:\.[0-9]+)*(?:-?[a-z]+[0-9.]*)?",
    r"[0-9]{1,4}(?:\.[0-9]{1,3})*\.[0-9]{1,2}\.[0-9]{1,3}"
    r"(?:-?(?:alpha|beta|rc|dev|a|b)\.?[0-9]*)?\b",
    r"[0-9]{1,4}\.[0-9]{1,3}\.[0-9]{1,2}"
    r"(?:-?(?:alpha|beta|rc|dev|a|b)\.?[0-9]*)?\b",
    # a program and its version: LibreOffice 7.4, Python 3.11
    rf"(?:[A-Za-z]*[a-z][A-Z][A-Za-z]*|{_PROGRAMS}) "
    r"[0-9]{1,3}\.[0-9]{1,3}\b",
    # codes of capitals and digits: AB-12, X500, 4G, B2B
    r"[A-Z]+[-_/]?[0-9][A-Z0-9]*(?:[-_/][A-Z0-9]+)*",
    r"[0-9]+(?:[-_/]?[0-9]+)*[-_]?[A-Z][A-Z0-9]*(?:[-_/][A-Z0-9]+)*",
    r"[a-z]+[0-9]+[a-z]+[0-9][a-z0-9]*|[0-9]+[a-z]+[0-9]+[a-z][a-z0-9]*",
    r"[a-z]+[A-Z][A-Za-z0-9]*[0-9][A-Za-z0-9]*",
    r"[A-Za-z0-9]+_[A-Za-z0-9_]*[A-Za-z0-9]",
    ENDLESS,
]
PATTERN = "|".join(f"(?:{pattern})" for pattern in _PATTERNS)
# one of these is in each: a text that has none has nothing to find
POSSIBLE = (
    r"(?s).*[\x{E000}-\x{F8FF}<&{}[%$@#/\\_0-9]|.*\S\.\S.*|.*\w{50}.*"
    r"|.*\B:[a-z].*"
)

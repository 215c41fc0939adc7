"""MusicXML: parts as they sound, staves, and files that want too much."""

import io
import time
import zipfile

import pytest
from test_music_musicxml import CANON, FULL, line, note, score

from seqapps.errors import InputError
from seqapps.tasks.music.importers import reader
from seqapps.tasks.music.notation.melody import melody

FOUR = f"{CANON} | {CANON} | {CANON} | {CANON} |]"


@pytest.fixture
def read(tmp_path):
    def whole(data, name="a.musicxml", track=""):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return reader.load_tune(path, track)

    return whole


def attributes(inside):
    return f"<attributes>{inside}</attributes>"


def moved(chromatic, diatonic=None, octave=None):
    steps = "" if diatonic is None else f"<diatonic>{diatonic}</diatonic>"
    change = f"<octave-change>{octave}</octave-change>" if octave else ""
    return attributes(
        f"<transpose>{steps}<chromatic>{chromatic}</chromatic>{change}"
        "</transpose>"
    )


@pytest.mark.parametrize(
    ("move", "written", "key", "semitones"),
    [
        (moved(-2, -1), 3, "G", -2),  # a clarinet in B flat
        (moved(-2), 3, "G", -2),  # steps left out
        (moved(-2, 0), 3, "G", -2),  # or wrong
        (moved(-7, -4), 2, "G", -7),  # a horn in F
        (moved(-9, -5), 4, "G", -9),  # a saxophone in E flat
        (moved(3, 2), -2, "Db", 3),  # a clarinet in E flat
        (moved(0, 0, -1), 1, "G", -12),  # a guitar
        (moved(-2, -1, -1), 3, "G", -14),  # a tenor saxophone
        (moved(0, 0, 1), 1, "G", 12),  # a piccolo
        (moved(-2, -1), -6, "E", -2),  # E, as eight flats are too many
        (moved(-1, -1), 0, "B", -1),  # an instrument in B
        (attributes(""), 1, "G", 0),
    ],
)
def test_a_transposing_instrument_sounds_as_it_sounds(
    read, move, written, key, semitones
):
    key_ = f"<fifths>{written}</fifths><mode>major</mode>"
    tune, messages = read(score([move + FULL, FULL, FULL, FULL], key=key_))
    heard = [pitch for pitch, _ in melody(tune)]
    assert heard == [p + semitones for p in (67, 69, 71, 72)] * 4
    assert (tune.key, tune.mode, messages) == (key, "major", [])


def test_an_instrument_may_change_on_the_way(read):
    other = moved(-2, -1).replace(
        "<transpose>", "<key><fifths>3</fifths></key><transpose>"
    )
    tune, _ = read(score([FULL, FULL, other + line("A4", "B4"), FULL]))
    assert tune.body.split(" | ")[2:] == ["G2 A2 z4", "=F2 G2 A2 _B2 |]"]


def staff(number, voice):
    return lambda text: text.replace(
        "</duration>",
        f"</duration><voice>{voice}</voice><staff>{number}</staff>",
    )


BACK = "<backup><duration>96</duration></backup>"


def test_a_melody_that_crosses_staves_is_followed(read):
    up, down, bass = staff(1, 1), staff(2, 1), staff(2, 5)
    measure = up(line("G4", "A4", "D4")) + down(line("B3"))
    left = BACK + bass(line("G2", length=8))
    crossed = down(FULL) + left  # a whole bar on the other staff
    tune, (message,) = read(score([measure + left] * 3 + [crossed]))
    assert tune.body.startswith("G2 A2 D2 B,2 |")
    assert tune.body.endswith(f"| G2 A2 D2 B,2 | {CANON} |]")
    assert "part 1" in message
    assert "staff 1" in message


def test_voices_that_are_numbered_anew_on_each_staff(read):
    measure = staff(1, 1)(FULL) + BACK + staff(2, 1)(line("G2", "D2", length=4))
    tune, (message,) = read(score([measure] * 4))
    assert tune.body == FOUR
    assert message == (
        'only the melody was kept: part 1 "staff 1", not 2 "staff 2" '
        "(choose with --track)"
    )


def test_backup_forward_cue_and_ties(read):
    forward = "<forward><duration>24</duration></forward>"
    cue = note("C6", 2, "<cue/>")
    tied = line("G4") + forward + note("B4", 4, tie="start")
    tune, _ = read(
        score(
            [
                tied,
                note("B4", 4, tie="stop") + cue + line("C5"),
                FULL + BACK + line("z", "E4", "E4", "E4"),
                FULL,
            ]
        )
    )
    assert tune.body == f"G2 z2 B4- | B4 z2 c2 | {CANON} | {CANON} |]"


def test_tuplets_are_as_written_where_divisions_come_near(read):
    times = (
        "<time-modification><actual-notes>3</actual-notes>"
        "<normal-notes>2</normal-notes></time-modification>"
    )
    triplet = "".join(
        note(p, 0).replace(
            "<duration>0", f"<type>eighth</type>{times}<duration>85"
        )
        for p in ("G4", "A4", "B4")
    )
    divisions = attributes("<divisions>256</divisions>")
    rest = note("C5", 0).replace("<duration>0", "<duration>768")
    tune, _ = read(score([divisions + triplet + rest] * 4))
    assert tune.body.startswith("(3 G A B c6 | (3 G A B c6")


def test_the_way_a_file_is_packed_changes_nothing(read):
    text = score([FULL] * 4)
    rows = text.split("<measure")[1:]
    timewise = (
        '<score-timewise><part-list><score-part id="P0"><part-name/>'
        "</score-part></part-list>"
        + "".join(
            "<measure"
            + row.partition(">")[0]
            + '><part id="P0">'
            + row.partition(">")[2].partition("</measure>")[0]
            + "</part></measure>"
            for row in rows
        )
        + "</score-timewise>"
    )
    doctype = (
        '<?xml version="1.0"?><!DOCTYPE score-partwise PUBLIC "-//Recordare//'
        'DTD MusicXML 4.0 Partwise//EN" "http://nowhere.invalid/p.dtd">'
    )
    spaced = text.replace("<score-partwise", '<score-partwise xmlns="urn:x"')
    for data, name in [
        (timewise, "a.musicxml"),
        (text, "A.XML"),
        (doctype + text, "a.xml"),
        (spaced, "a.xml"),
        (b"\xef\xbb\xbf" + text.encode(), "a.xml"),
        ('<?xml version="1.0" encoding="UTF-16"?>' + text, "a.xml"),
        (packed({"score.xml": text}), "a.mxl"),
        (packed({"score.xml": text}), "a.xml"),
        (text, "a.mxl"),
        (packed({"a.xml": "<x/>", "in/b c.xml": text}, "in/b c.xml"), "a.MXL"),
        (packed({"a.xml": text}, "../../etc/passwd"), "a.mxl"),
        (packed({"a.xml": text}, "Lulu's'/>"), "a.mxl"),
    ]:  # fmt: skip
        if "UTF-16" in str(data[:60]):
            data = data.encode("utf-16")
        assert read(data, name)[0].body == FOUR, name


def packed(files, root="", stored=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", stored) as file:
        if root:
            file.writestr(
                "META-INF/container.xml",
                "<container><rootfiles><rootfile full-path="
                f"'{root}'/></rootfiles></container>",
            )
        for name, text in files.items():
            file.writestr(name, text)
    return out.getvalue()


def lying(size):
    """An archive that says it holds less than it does."""
    data = packed({"a.xml": b" " * 20 * 2**20})
    return data.replace((20 * 2**20).to_bytes(4, "little"), size)


BEATS = score([FULL] * 4).replace("<beats>4", "<beats>100000000")
LAUGHS = (
    '<!DOCTYPE score-partwise [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    + score([FULL] * 4).replace("A song", "&b;")
)
THIEF = '<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + score(
    [FULL] * 4
).replace("A song", "&x;")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        *(
            (
                score([FULL, note("G4", 8).replace(">96<", f">{d}<")] * 2),
                r"unusual duration \(measure 2",
            )
            for d in ("9" * 14, "-96", "1e9", "0x60", "", "9" * 5000, "nan")
        ),
        (score([FULL] * 4).replace("ons>24<", "ons>0<"), "unusual"),
        (score([FULL] * 4).replace("ons>24<", "ons>-2<"), "unusual"),
        (score([FULL] * 4).replace("<octave>4", "<octave>99999999"), "damaged"),
        (score([FULL] * 4).replace("<alter>0", "<alter>1e9"), "damaged"),
        (score([moved(10**9) + FULL] * 4), "damaged"),
        (BEATS, "unusual metre"),
        (BEATS.replace("100000000", "0"), "unusual metre"),
        (BEATS.replace("100000000", "-4"), "unusual metre"),
        (LAUGHS, "XML with entities of its own"),
        (THIEF, "XML with entities of its own"),
        ("<a>" * 100_000, "damaged, or not MusicXML"),
        (score(["<direction>" * 200 + "</direction>" * 200]), "damaged"),
        ("<score-partwise>" + "<a/>" * 400_001, "more than 400000 elements"),
        (score(["<note/>" * 50_001]), "more than 50000 notes"),
        (score(*[[FULL] * 4] * 201), "more than 200 parts"),
        (score([""] * 2001), "more than 2000 measures"),
        (packed({"a.xml": b" " * 17 * 2**20}), "larger than 16 MB"),
        (lying(b"\x10\0\0\0"), "damaged"),
        (packed({"a.mxl": packed({"a.xml": "<a/>"})}), "no score in it"),
        (packed({"a.xml": packed({"a.xml": "<a/>"})}), "damaged"),
        (packed({"a.txt": "x"}), "no score in it"),
        (packed({"a.xml": "<a/>"}, stored=zipfile.ZIP_LZMA), "damaged"),
        (packed({"a.xml": "<a/>"})[:-9], "damaged"),
        (b"\0" * (16 * 2**20 + 1), "larger than 16 MB"),
        ('<?xml version="1.0" encoding="klingon"?><a/>', "damaged"),
    ],
)  # fmt: skip
def test_what_wants_too_much_is_refused_at_once(read, data, reason):
    start = time.process_time()
    with pytest.raises(InputError, match=f"cannot use .*: .*{reason}"):
        read(data)
    assert time.process_time() - start < 20


def test_fractions_of_a_division_and_no_divisions(read):
    text = score([FULL] * 4)
    assert (
        read(text.replace("<divisions>24", "<divisions>24.0"))[0].body == FOUR
    )
    text = text.replace("<divisions>24</divisions>", "")
    text = text.replace("<duration>24", "<duration>1")
    assert read(text)[0].body == FOUR


def test_tracks_are_not_of_abc(read):
    with pytest.raises(InputError, match="in ABC the first voice is always"):
        read("X:1\nM:4/4\nK:G\nG8|G8|G8|G8|", "a.abc", track="2")


@pytest.mark.parametrize(
    ("track", "octave"),
    [("", 0), ("1", -1), ("2", 0), ("Voice", 0), ("vo", 0), ("ass", -1)],
)
def test_a_part_is_chosen_by_number_or_name(read, track, octave):
    low = line("G3", "A3", "B3", "C4")
    thick = low + BACK + low.replace("3<", "2<").replace("4<", "3<")
    text = score([thick] * 4, [FULL] * 4)
    for place, name in enumerate(["Bass", "Voice"]):
        old = f'<score-part id="P{place}"><part-name/>'
        new = old.replace("<part-name/>", f"<part-name>{name}</part-name>")
        text = text.replace(old, new)
    tune, messages = read(text, track=track)
    assert melody(tune)[0][0] == 67 + 12 * octave
    chosen, other = ('2 "Voice"', '1 "Bass"')[:: -1 if octave else 1]
    assert messages[0] == (
        f"only the melody was kept: part {chosen}, not {other} "
        "(choose with --track)"
    )
    for wrong, reason in [
        ("3", "no part is called 3"),
        ("0", "no part is called 0"),
        ("flute", r'no part is called flute \(there are 1 "Bass", 2 "Voice"'),
    ]:
        with pytest.raises(InputError, match=reason):
            read(text, track=wrong)

"""MusicXML files: a `Sheet` is what they say, as it sounds."""

from collections import defaultdict
from xml.etree.ElementTree import Element

from seqapps.tasks.music.importers import archive
from seqapps.tasks.music.importers.part import Reader
from seqapps.tasks.music.importers.sheet import Sheet
from seqapps.tasks.music.notation.header import Unusable

_MOST_PARTS, _MOST_MEASURES, _MOST_NOTES = 200, 2000, 50_000


def read(data: bytes) -> Sheet:
    """Read a file, compressed or not.

    Raises:
        Unusable: if it is damaged, or more than a score can be.
    """
    root = archive.read(data)
    if sum(1 for _ in root.iter("note")) > _MOST_NOTES:
        raise Unusable(f"more than {_MOST_NOTES} notes")
    names = {
        part.get("id"): (part.findtext("part-name") or "").strip()
        for part in root.iter("score-part")
    }
    readers = []
    for identity, measures in _rows(root).items():
        part = Reader(names.get(identity, ""))
        for number, measure in enumerate(measures):
            try:
                part.read(number, measure)
            except Unusable as error:
                error.add_note(f"measure {number + 1}")
                raise
        readers.append(part)
    return Sheet(
        title=(
            root.findtext("work/work-title")
            or root.findtext("movement-title")
            or ""
        ),
        parts=[line for part in readers for line in part.lines()],
        meters=[meter for part in readers for meter in part.meters],
        drums=any(part.drums for part in readers),
        jumps=any(part.jumps for part in readers),
    )


def _rows(root: Element) -> dict[str | None, list[Element]]:
    """The measures of each part."""
    rows: dict[str | None, list[Element]] = defaultdict(list)
    if root.tag == "score-partwise":
        for part in root.findall("part"):
            rows[part.get("id")] += part.findall("measure")
    elif root.tag == "score-timewise":
        for number, measure in enumerate(root.findall("measure")):
            if number >= _MOST_MEASURES:
                raise Unusable(f"more than {_MOST_MEASURES} measures")
            for part in measure.findall("part"):
                row = rows[part.get("id")]
                row += [Element("part")] * (number - len(row))
                row.append(part)
                if len(rows) > _MOST_PARTS:
                    break
    else:
        raise Unusable("damaged, or not MusicXML")
    if len(rows) > _MOST_PARTS:
        raise Unusable(f"more than {_MOST_PARTS} parts")
    if max(map(len, rows.values()), default=0) > _MOST_MEASURES:
        raise Unusable(f"more than {_MOST_MEASURES} measures")
    return rows

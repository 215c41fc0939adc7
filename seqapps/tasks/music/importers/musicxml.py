"""Reads MusicXML files into a `Sheet`, at concert pitch."""

from collections import defaultdict
from xml.etree.ElementTree import Element

from seqapps.tasks.music.importers import archive
from seqapps.tasks.music.importers.part import PartReader
from seqapps.tasks.music.importers.sheet import Sheet
from seqapps.tasks.music.notation.unusable import Unusable

_MAX_PARTS, _MAX_MEASURES, _MAX_NOTES = 200, 2000, 50_000


def read_musicxml(data: bytes) -> Sheet:
    """Reads a MusicXML file, compressed or not.

    Raises:
        Unusable: it is damaged, or larger than a score can be.
    """
    root = archive.load_xml(data)
    if sum(1 for _ in root.iter("note")) > _MAX_NOTES:
        raise Unusable(f"more than {_MAX_NOTES} notes")
    names = {
        part.get("id"): (part.findtext("part-name") or "").strip()
        for part in root.iter("score-part")
    }
    readers = []
    for identity, measures in _measures_by_part(root).items():
        part = PartReader(names.get(identity, ""))
        for number, measure in enumerate(measures):
            try:
                part.read_measure(number, measure)
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
        parts=[staff for part in readers for staff in part.staves()],
        meters=[meter for part in readers for meter in part.meters],
        drums=any(part.drums for part in readers),
        jumps=any(part.jumps for part in readers),
    )


def _measures_by_part(root: Element) -> dict[str | None, list[Element]]:
    """Returns the measures of each part, by the identity of the part."""
    rows: dict[str | None, list[Element]] = defaultdict(list)
    if root.tag == "score-partwise":
        for part in root.findall("part"):
            rows[part.get("id")] += part.findall("measure")
    elif root.tag == "score-timewise":
        for number, measure in enumerate(root.findall("measure")):
            if number >= _MAX_MEASURES:
                raise Unusable(f"more than {_MAX_MEASURES} measures")
            for part in measure.findall("part"):
                row = rows[part.get("id")]
                row += [Element("part")] * (number - len(row))
                row.append(part)
                if len(rows) > _MAX_PARTS:
                    break
    else:
        raise Unusable(archive.NOT_MUSICXML)
    if len(rows) > _MAX_PARTS:
        raise Unusable(f"more than {_MAX_PARTS} parts")
    if max(map(len, rows.values()), default=0) > _MAX_MEASURES:
        raise Unusable(f"more than {_MAX_MEASURES} measures")
    return rows

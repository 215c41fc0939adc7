"""MusicXML files as trees of XML: plain, or compressed as .mxl.

Nothing is unpacked to disk, and no entity is expanded or fetched.
"""

import io
import zipfile
import zlib
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers import expat

from seqapps.tasks.music.notation.header import Unusable

LARGEST = 16 * 2**20  # bytes of a file, and of what is packed in it
_CONTAINER = "META-INF/container.xml"
_DEEPEST, _MOST = 100, 400_000  # elements
_NOT = "damaged, or not MusicXML"


def read(data: bytes) -> Element:
    """The root of a file; tags are without namespaces.

    Raises:
        Unusable: if it is damaged, too large, or declares entities.
    """
    _small(len(data))
    return _tree(_unpacked(data) if data.startswith(b"PK") else data)


def _small(size: int) -> None:
    if size > LARGEST:
        raise Unusable(f"larger than {LARGEST // 2**20} MB")


def _unpacked(data: bytes) -> bytes:
    """The score of an archive: what its container names, or the first."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            names = file.namelist()
            named = _named(file) if _CONTAINER in names else ""
            scores = [
                name
                for name in names
                if name.lower().endswith((".musicxml", ".xml"))
                and not name.startswith(("META-INF/", "__MACOSX/"))
            ]
            if named not in names:
                named = scores[0] if scores else ""
            if not named:
                raise Unusable("no score in it")
            return _member(file, named)
    except Unusable:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,  # encrypted, or packed in a way that is not known
        ValueError,
    ) as error:
        raise Unusable(_NOT) from error


def _named(file: zipfile.ZipFile) -> str:
    """What the container says the score is; empty where it is damaged."""
    try:
        container = _tree(_member(file, _CONTAINER))
    except Unusable:
        return ""
    for root in container.iter("rootfile"):
        if "xml" in root.get("media-type", "xml"):
            return root.get("full-path", "")
    return ""


def _member(file: zipfile.ZipFile, name: str) -> bytes:
    about = file.getinfo(name)
    _small(about.file_size)
    if about.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unusable(_NOT)
    with file.open(name) as member:
        content = member.read(LARGEST + 1)  # what the archive says may lie
    _small(len(content))
    return content


def _tree(text: bytes) -> Element:
    builder = ElementTree.TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    depth = count = 0

    def start(tag, attributes):
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > _DEEPEST:
            raise Unusable(_NOT)
        if count > _MOST:
            raise Unusable(f"more than {_MOST} elements")
        builder.start(tag.rpartition("}")[2], attributes)

    def end(tag):
        nonlocal depth
        depth -= 1
        builder.end(tag.rpartition("}")[2])

    def refuse(*_):
        raise Unusable("XML with entities of its own")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(text, True)
    except Unusable:
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise Unusable(_NOT) from error  # or an encoding it cannot read
    return builder.close()

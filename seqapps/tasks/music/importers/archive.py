"""Loads the XML tree of MusicXML files, plain or compressed (.mxl).

Nothing is unpacked to disk, and no entity is expanded or fetched.
"""

import io
import zipfile
import zlib
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers import expat

from seqapps.tasks.music.notation.unusable import Unusable

MAX_BYTES = 16 * 2**20  # of a file, and of what is packed in it
NOT_MUSICXML = "damaged, or not MusicXML"
_CONTAINER = "META-INF/container.xml"
_MAX_DEPTH, _MAX_ELEMENTS = 100, 400_000


def load_xml(data: bytes) -> Element:
    """Returns the root element; tags are without namespaces.

    Raises:
        Unusable: it is damaged, too large, or declares entities.
    """
    _check_size(len(data))
    return _parse(_unpack(data) if data.startswith(b"PK") else data)


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise Unusable(f"larger than {MAX_BYTES // 2**20} MB")


def _unpack(data: bytes) -> bytes:
    """Returns the score in an archive: the named one, or the first."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            names = file.namelist()
            path = _container_path(file) if _CONTAINER in names else ""
            scores = [
                name
                for name in names
                if name.lower().endswith((".musicxml", ".xml"))
                and not name.startswith(("META-INF/", "__MACOSX/"))
            ]
            if path not in names:
                path = scores[0] if scores else ""
            if not path:
                raise Unusable("no score in it")
            return _read_member(file, path)
    except Unusable:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,  # encrypted, or compressed in an unknown way
        ValueError,
    ) as error:
        raise Unusable(NOT_MUSICXML) from error


def _container_path(file: zipfile.ZipFile) -> str:
    """Returns the path of the score in an archive; empty if it is damaged."""
    try:
        container = _parse(_read_member(file, _CONTAINER))
    except Unusable:
        return ""
    for root in container.iter("rootfile"):
        if "xml" in root.get("media-type", "xml"):
            return root.get("full-path", "")
    return ""


def _read_member(file: zipfile.ZipFile, name: str) -> bytes:
    info = file.getinfo(name)
    _check_size(info.file_size)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unusable(NOT_MUSICXML)
    with file.open(name) as member:
        content = member.read(MAX_BYTES + 1)  # its file_size may lie
    _check_size(len(content))
    return content


def _parse(text: bytes) -> Element:
    builder = ElementTree.TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    depth = count = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > _MAX_DEPTH:
            raise Unusable(NOT_MUSICXML)
        if count > _MAX_ELEMENTS:
            raise Unusable(f"more than {_MAX_ELEMENTS} elements")
        builder.start(tag.rpartition("}")[2], attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag.rpartition("}")[2])

    def refuse(*_: object) -> None:
        raise Unusable("XML with entities of its own")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(text, True)
    except Unusable:
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise Unusable(NOT_MUSICXML) from error  # or an encoding it cannot read
    return builder.close()

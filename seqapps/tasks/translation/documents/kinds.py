"""The kinds of documents, by the endings of their files."""

import codecs
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from seqapps.errors import InputError
from seqapps.tasks.translation.documents import (
    catalog,
    markdown,
    subtitles,
    web_page,
)
from seqapps.tasks.translation.documents.fragments import (
    Fragment,
    Parts,
    Slot,
)
from seqapps.text import textfile

_KINDS: dict[str, Callable[..., Parts]] = {
    **dict.fromkeys((".html", ".htm", ".xhtml"), web_page.read),
    **dict.fromkeys((".md", ".markdown"), markdown.read),
    **dict.fromkeys((".srt", ".vtt"), subtitles.read),
    **dict.fromkeys((".po", ".pot"), catalog.read),
}
_DECLARED = {
    web_page.read: web_page.declared_encoding,
    catalog.read: catalog.declared_encoding,
}
# files of other programs, which are no text
_REFUSED = set(
    ".doc .docx .odt .rtf .pdf .epub .ppt .pptx .odp .xls .xlsx .ods .zip"
    " .ipynb .xml .xliff .tmx .json .yaml .yml .tex".split()
)


class Document(NamedTuple):
    """A document that was read.

    Attributes:
        path: of its file.
        parts: what is copied, and slots for what is not.
        encoding: of the file.
        mark: of the byte order, perhaps empty.
    """

    path: Path
    parts: Parts
    encoding: str
    mark: bytes

    def fragments(self) -> list[Fragment]:
        """What is to be translated."""
        slots = [part for part in self.parts if isinstance(part, Slot)]
        return list({id(s.fragment): s.fragment for s in slots}.values())

    def write(self, translations: Sequence[list[str]]) -> bytes:
        """Writes the document with the translations of its fragments.

        Raises:
            InputError: its encoding lacks a letter of these.
        """
        ids = map(id, self.fragments())
        written = dict(zip(ids, translations, strict=True))
        text = "".join(
            written[id(part.fragment)][part.index]
            if isinstance(part, Slot)
            else part
            for part in self.parts
        )
        is_page = _KINDS[textfile.suffix(self.path)] is web_page.read
        try:
            return self.mark + text.encode(
                self.encoding, "xmlcharrefreplace" if is_page else "strict"
            )
        except UnicodeEncodeError as error:
            raise InputError(
                f"{self.path} is {self.encoding}, which has no "
                f"{text[error.start]!r}: save it as UTF-8"
            ) from None


def is_document(path: Path) -> bool:
    """Whether a file is a document of a known kind, by its ending.

    Raises:
        InputError: its ending is that of a kind that cannot be read.
    """
    ending = textfile.suffix(path)
    if ending in _REFUSED:
        raise InputError(
            f"{path}: documents are .txt, {', '.join(_KINDS)}, not {ending}"
        )
    return ending in _KINDS


def read(path: Path, encoding: str = "", retranslate: bool = False) -> Document:
    """Reads a document.

    Args:
        path: the file; `is_document`.
        encoding: of it. Empty: what its byte order mark says, or it says
            itself, else UTF-8.
        retranslate: of a .po file, write also what has a translation.

    Raises:
        InputError: it is broken, or has over 10 million characters.
    """
    kind = _KINDS[textfile.suffix(path)]
    with textfile.open_file(path) as file:
        head = file.read(4096)
    mark = next((m for m in textfile.MARKS if head.startswith(m)), b"")
    marked = textfile.MARKS.get(mark, "")
    if not (encoding or marked) and kind in _DECLARED:
        encoding = _known(_DECLARED[kind](head))
    with textfile.open_file(path) as file:
        text = "".join(textfile.decode_stream(file, str(path), encoding))
    if len(text) > textfile.LONGEST:
        raise InputError(f"{path} has over {textfile.LONGEST:,} characters")
    options = {"retranslate": True} if retranslate else {}
    if options and kind is not catalog.read:
        raise InputError(f"--retranslate is for .po files, not {path}")
    try:
        parts = kind(text, **options)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    return Document(path, parts, marked or encoding or "utf-8", mark)


def _known(encoding: str) -> str:
    """An encoding that Python knows; a page may say anything."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        return ""
    # as browsers read it
    return {"iso8859-1": "cp1252", "ascii": "cp1252"}.get(name, name)

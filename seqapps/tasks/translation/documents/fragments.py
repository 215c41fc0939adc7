"""The parts of a document that are translated, apart from their markup."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from seqapps.tasks.translation.documents.placing import Node, place

_FIRST_MASK, _LAST_MASK = 0xE000, 0xF8FF  # the private use area
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_SPACES = re.compile(r"([ \t\n\r\f]+)")


def _same(text: str) -> str:
    return text


def _one(text: str, unsure: bool) -> list[str]:
    return [text]


@dataclass(frozen=True)
class Fragment:
    """A text to translate, without its markup.

    Args:
        text: the text; what is not to be translated inside it, such as a
            piece of code, is a character of the private use area.
        masks: what these stand for, in order.
        nodes: the markup of parts of it.
        escape: writes translated text as the document does.
        finish: from the translation, with its markup, and whether it is
            unsure, to what is written into the slots of the fragment.
    """

    text: str
    masks: Sequence[str] = ()
    nodes: Sequence[Node] = ()
    escape: Callable[[str], str] = _same
    finish: Callable[[str, bool], list[str]] = _one

    def write(
        self,
        translation: str,
        alignment: Sequence[int],
        unsure: bool = False,
    ) -> list[str]:
        """Writes a translation into the slots.

        Args:
            translation: with each mask once.
            alignment: the word of the source of each of its words, or -1.
            unsure: whether it may well be wrong.
        """

        def written(part: str) -> str:
            kept = _PRIVATE.split(part)
            shown = [self.escape(kept[0])]
            for mask, rest in zip(
                _PRIVATE.findall(part), kept[1:], strict=True
            ):
                k = ord(mask) - _FIRST_MASK
                shown += [*self.masks[k : k + 1], self.escape(rest)]
            return "".join(shown)

        text = place(self.text, translation, alignment, self.nodes, written)
        return self.finish(text, unsure)


class Slot(NamedTuple):
    """Where a translation is written."""

    fragment: Fragment
    index: int = 0


Parts = list[str | Slot]  # a document: what is copied, and what is not


@dataclass
class Builder:
    """Collects a fragment from left to right.

    White space is one space; what stands before and after is kept apart.

    Attributes:
        before: white space before the text.
    """

    before: str = ""
    _text: str = ""
    _space: str = ""  # at the end
    _masks: list[str] = field(default_factory=list)
    _open: list[tuple[str, str, int, list[Node]]] = field(default_factory=list)
    _nodes: list[Node] = field(default_factory=list)

    def is_empty(self) -> bool:
        """Whether there is neither text nor markup."""
        return not (self._text or self._open or self._nodes or self._masks)

    def add_text(self, text: str) -> None:
        """Adds text that is translated."""
        for part in _SPACES.split(text):
            if not part:
                continue
            if _SPACES.fullmatch(part):
                self._space += part
                continue
            self._put_space()
            for character in part:
                if _PRIVATE.match(character):
                    self.add_mask(character)
                else:
                    self._text += character

    def add_mask(self, raw: str) -> None:
        """Adds what stands in a sentence and is not translated."""
        self._put_space()
        self._text += chr(min(_FIRST_MASK + len(self._masks), _LAST_MASK))
        self._masks.append(raw)

    def add_break(self) -> None:
        """Ends a line; a sentence does not go on after it."""
        if self._text:
            self._text, self._space = self._text + "\n", ""

    def open(self, raw: str, name: str) -> None:
        """Begins the markup of a part."""
        self._put_space()
        self._open.append((raw, name, len(self._text), self._nodes))
        self._nodes = []

    def close(self, raw: str, name: str) -> None:
        """Ends it; what was not opened is a mark of its own."""
        if name not in [opened[1] for opened in self._open]:
            return self.add_point(raw)
        while self._open[-1][1] != name:
            self._leave_open()
        opening, _, start, nodes = self._open.pop()
        end = len(self._text)
        nodes.append(Node(start, end, opening, raw, tuple(self._nodes)))
        self._nodes = nodes
        return None

    def add_point(self, raw: str) -> None:
        """Adds markup that is not around anything."""
        self._nodes.append(Node(len(self._text), len(self._text), raw, ""))

    def build(self, **manner: Callable) -> tuple[Fragment | None, str]:
        """Returns the fragment, or None without a letter; and white space.

        Args:
            **manner: `escape` and `finish` of the fragment.
        """
        while self._open:
            self._leave_open()
        text = self._text.rstrip(" ")
        after = self._text[len(text) :] + self._space
        if not any(c.isalpha() for c in text):
            return None, after
        nodes = tuple(self._nodes)
        return Fragment(text, tuple(self._masks), nodes, **manner), after

    def _put_space(self) -> None:
        if not self._text:
            self.before += self._space
        elif self._space:
            self._text += " " * (self._text[-1] not in " \n")
        self._space = ""

    def _leave_open(self) -> None:
        """Makes a mark of what is never closed."""
        opening, _, start, nodes = self._open.pop()
        self._nodes = [*nodes, Node(start, start, opening, ""), *self._nodes]

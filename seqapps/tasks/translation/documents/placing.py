"""Markup of a text, put around the same words of its translation."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

_WORD = re.compile(r"\S+")
_CLOSING, _POINT, _OPENING = range(3)  # the order at one place


class Node(NamedTuple):
    """Markup of `text[start:end]`.

    Attributes:
        start: of the text that it is around.
        end: equal to the start for what is around nothing.
        opening: what is written before.
        closing: what is written after.
        inner: markup of parts of it.
    """

    start: int
    end: int
    opening: str
    closing: str
    inner: tuple["Node", ...] = ()

    def flat(self) -> str:
        """The markup, around nothing."""
        inner = "".join(node.flat() for node in self.inner)
        return self.opening + inner + self.closing


def place(
    source: str,
    target: str,
    alignment: Sequence[int],
    nodes: Sequence[Node],
    write: Callable[[str], str],
) -> str:
    """Writes a translation with the markup of its source.

    Markup is put around the longest run of words that are aligned to the words
    inside it; around that at the same share of the text, if there are none.
    It is nested as in the source, and each is written once.

    Args:
        source: the text, without markup.
        target: its translation.
        alignment: the word of the source of each word of the target, or -1.
        nodes: markup of the source.
        write: writes a part of the target as the document does.
    """
    if not nodes:
        return write(target)
    layout = _Layout(source, target, alignment)
    layout.lay(nodes, 0, len(layout.target), (0, len(target)), 0)
    shown, done = [], 0
    for place, _, _, raw in sorted(layout.inserts, key=lambda i: i[:3]):
        shown += [write(target[done:place]), raw]
        done = place
    return "".join([*shown, write(target[done:])])


class _Layout:
    def __init__(self, source: str, target: str, alignment: Sequence[int]):
        self.source_text, self.target_text = source, target
        self.source = [m.span() for m in _WORD.finditer(source)]
        self.target = [m.span() for m in _WORD.finditer(target)]
        self.alignment = alignment
        # place, closing before opening, order there, what is written
        self.inserts: list[tuple[int, int, int, str]] = []

    def lay(
        self,
        nodes: Sequence[Node],
        low: int,
        high: int,
        room: tuple[int, int],
        depth: int,
    ) -> None:
        """Places markup side by side among the words from low to high.

        Args:
            nodes: in the order of the source.
            low: the first word.
            high: the word after the last.
            room: the characters of the target that are left to it.
            depth: of the nesting.
        """
        free = set(range(low, high))
        for node in nodes:
            own = [
                i
                for i, (start, end) in enumerate(self.source)
                if start < node.end and end > node.start
            ]
            is_point = not self.source_text[node.start : node.end].strip()
            words = range(0) if is_point else self._words(own, free)
            if not words:
                point = self._point(node.start)
                point = min(max(point, room[0]), room[1])
                self._insert(point, _POINT, 0, node.flat())
                continue
            free -= set(words)
            start, end = self._edges(node, words)
            start, end = max(start, room[0]), min(end, room[1])
            end = max(start, end)
            self._insert(start, _OPENING, depth, node.opening)
            self._insert(end, _CLOSING, -depth, node.closing)
            inside = start, end
            self.lay(node.inner, words[0], words[-1] + 1, inside, depth + 1)

    def _insert(self, place: int, rank: int, order: int, raw: str) -> None:
        self.inserts.append((place, rank, order, raw))

    def _words(self, own: list[int], free: set[int]) -> range:
        """Words of the target for those of the source, one after the other."""
        if not free:
            return range(0)
        if len(own) == len(self.source):
            wanted = free
        else:
            inside = set(own)
            wanted = {t for t in free if self._aligned(t) in inside}
        if not wanted:
            share = (own[0] + own[-1] + 1) / 2 / len(self.source)
            middle = share * len(self.target) - 0.5
            wanted = {min(sorted(free), key=lambda t: abs(t - middle))}
        runs: list[list[int]] = []
        for word in sorted(wanted):
            # a word that is aligned elsewhere may stand between
            gap = word - runs[-1][-1] if runs else 0
            if 0 < gap <= 2 and set(range(word - gap + 1, word)) <= free:
                runs[-1].append(word)
            else:
                runs.append([word])
        best = max(runs, key=len)
        return range(best[0], best[-1] + 1)

    def _aligned(self, word: int) -> int:
        return self.alignment[word] if word < len(self.alignment) else -1

    def _point(self, start: int) -> int:
        """The place in the target of a mark that is around nothing."""
        word = sum(end <= start for _, end in self.source)
        if word >= len(self.source) or not self.target:
            return len(self.target_text)
        if not word:
            return 0
        same = [t for t in range(len(self.target)) if self._aligned(t) == word]
        t = word * len(self.target) // len(self.source)
        return self.target[same[0] if same else t][0]

    def _edges(self, node: Node, words: range) -> tuple[int, int]:
        """The characters of words; marks beside them as in the source."""
        text = self.target_text
        start, end = self.target[words[0]][0], self.target[words[-1]][1]
        inside = self.source_text[node.start : node.end].strip()
        before = self.source_text[: node.start].strip()
        after = self.source_text[node.end :].strip()
        first, last = start, end
        if before and not _is_mark(inside[0]):
            while first < end and _is_mark(text[first]):
                first += 1
        if after and not _is_mark(inside[-1]):
            while last > first and _is_mark(text[last - 1]):
                last -= 1
        return (first, last) if first < last else (start, end)


def _is_mark(character: str) -> bool:
    """Whether it is no letter, digit or mask."""
    return not (character.isalnum() or "\ue000" <= character <= "\uf8ff")

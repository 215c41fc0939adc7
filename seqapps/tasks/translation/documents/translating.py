"""Documents, translated in batches of fragments."""

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from seqapps import files
from seqapps.console import paths, terminal
from seqapps.tasks.translation.documents import kinds
from seqapps.tasks.translation.documents.alignment import align
from seqapps.tasks.translation.documents.fragments import Fragment
from seqapps.tasks.translation.evaluation.unread_source import find_unread
from seqapps.text import strings


def translate_document(
    translator: Any,
    path: Path,
    output: Path | None,
    encoding: str,
    batch_size: int,
    options: dict[str, Any],
    retranslate: bool = False,
) -> None:
    """Translates a document; its file is written when all of it is done.

    Args:
        translator: takes texts of any number of sentences.
        path: the document.
        output: the file to write. None for standard output.
        encoding: see `kinds.read`.
        batch_size: fragments per batch.
        options: of `translate`.
        retranslate: see `kinds.read`.
    """
    document = kinds.read(path, encoding, retranslate)
    fragments = document.fragments()
    progress = path.name if output and not paths.is_stream(output) else ""
    found = translate_fragments(
        translator, fragments, batch_size, options, str(path), progress
    )
    raw = document.write(found)
    if output:
        files.write_file(output, raw)
    else:
        sys.stdout.buffer.write(raw)
        sys.stdout.flush()


def translate_fragments(
    translator: Any,
    fragments: Sequence[Fragment],
    batch_size: int,
    options: dict[str, Any],
    name: str,
    progress: str = "",
) -> list[list[str]]:
    """Translates fragments; those that say the same are translated once.

    Args:
        translator: takes texts of any number of sentences.
        fragments: of a document.
        batch_size: fragments per batch.
        options: of `translate`.
        name: of the document, for messages.
        progress: the name of a progress bar, or "" for none.

    Returns:
        For each fragment what is written into its slots.
    """
    texts = list(dict.fromkeys(fragment.text for fragment in fragments))
    has_markup = {fragment.text for fragment in fragments if fragment.nodes}
    found: dict[str, tuple[str, list[int], bool]] = {}
    letters: dict[str, None] = {}

    def translate_batch(batch: list[int]) -> dict[str, Any]:
        return translator.translate([texts[j] for j in batch], **options)

    batches = strings.batches_by_length(texts, batch_size)
    with terminal.progress() if progress else nullcontext() as bar:
        task = bar.add_task(progress, total=len(texts)) if bar else None
        for batch, outputs in strings.map_concurrently(
            translate_batch, batches
        ):
            for k, j in enumerate(batch):
                source, target = texts[j], outputs["texts"][k][0]
                tokens = outputs["source_tokens"][k]
                alignment: list[int] = []
                if source in has_markup:
                    alignment = align(
                        source,
                        target,
                        tokens,
                        outputs["target_tokens"][k][0],
                        outputs["attention"][k][0],
                    )
                is_unsure = "unsure" in outputs and bool(outputs["unsure"][k])
                found[source] = target, alignment, is_unsure
                letters |= dict.fromkeys(find_unread(source, tokens)[0])
            if bar:
                bar.advance(task, len(batch))
    if letters:
        unknown = "".join(letters)
        print(
            f"{name}: letters that the vocabulary lacks: {unknown}",
            file=sys.stderr,
        )
    unsure = [text for text in texts if found[text][2]]
    if unsure:
        print(
            f"{name}: {len(unsure)} of {len(texts)} texts are unsure, such as "
            f"{strings.shorten(unsure[0], 60)!r}",
            file=sys.stderr,
        )
    return [fragment.write(*found[fragment.text]) for fragment in fragments]

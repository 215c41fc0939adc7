"""Vocabularies of sub-words, learned from texts by SentencePiece."""

import io
import re
import sys
from collections.abc import Sequence
from typing import Any

from seqapps.errors import InputError
from seqapps.tasks.translation.codec.base import PairCodec
from seqapps.tasks.translation.codec.subwords import (
    BYTES,
    FIRST_MASK,
    SubwordTokenizer,
)

MASKS = 16  # of a sentence, that a joint vocabulary has
# letters of Latin and ASCII, which a joint vocabulary has in any case
_LETTERS = (
    "".join(
        chr(code)
        for code in (*range(0x21, 0x7F), *range(0xA1, 0x180), 0x20AC)
        if code != 0xAD
    )
    + "\u2013\u2014\u2018\u2019\u201c\u201d\u2026"
)


def train_codec(
    sides: Sequence[Sequence[str]],
    sizes: tuple[int, int],
    joint: bool,
    **settings: Any,
) -> PairCodec:
    """Trains the vocabularies of both sides.

    Args:
        sides: texts of the source, and of the target.
        sizes: sub-words of each.
        joint: one vocabulary for both, of the first size.
        **settings: of the `PairCodec`.
    """
    if joint:
        texts = [*sides[0], *sides[1]]
        both = train_tokenizer(texts, sizes[0], "pair", MASKS).get_config()
        return PairCodec(both, both, **settings)
    source, target = (
        train_tokenizer(texts, size, name).get_config()
        for texts, size, name in zip(
            sides, sizes, ("source", "target"), strict=True
        )
    )
    return PairCodec(source, target, **settings)


def train_tokenizer(
    texts: Sequence[str], size: int, side: str, masks: int = 0
) -> SubwordTokenizer:
    """Trains a unigram tokenizer by SentencePiece.

    Args:
        texts: training texts.
        size: number of sub-words, one for each letter included; fewer if the
            texts do not yield as many.
        side: "source" or "target", for messages.
        masks: number of masks, U+E000 ..., which are sub-words. If there are
            any, a rare letter is none: it is written in bytes, and a number
            digit by digit.

    Raises:
        InputError: the texts have more letters than that.
    """
    import sentencepiece

    more: list[str] = []
    settings: dict[str, Any] = {"character_coverage": 1.0}
    if masks:
        more = [chr(ord(FIRST_MASK) + k) for k in range(masks)] + BYTES
        size -= len(more)
        settings = {
            "character_coverage": 0.9999,
            "split_digits": True,
            "required_chars": _LETTERS,
        }
    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts),
            model_writer=model,
            vocab_size=size + 1,  # and the unknown token
            model_type="unigram",
            normalization_rule_name="identity",
            bos_id=-1,
            eos_id=-1,
            unk_id=0,
            max_sentence_length=100_000,
            num_threads=1,  # sums in a fixed order
            minloglevel=5,
            **settings,
        )
    except (RuntimeError, OSError) as error:
        limit = re.search(r"value <= (\d+)", str(error))
        if limit and int(limit[1]) - 1 < size:
            print(
                f"the {side} gives {int(limit[1]) - 1} sub-words, not {size}",
                file=sys.stderr,
            )
            size = int(limit[1]) - 1 + len(more)
            return train_tokenizer(texts, size, side, masks)
        given = f" ({len(more)} bytes and masks included)" if more else ""
        raise InputError(
            f"{size + len(more)} sub-words of the {side}{given} cannot be "
            "learned, each letter needs one: set --data.vocabulary or "
            "--data.target-vocabulary higher "
            f"({' '.join(str(error).split())[:120]})"
        ) from None
    trained = sentencepiece.SentencePieceProcessor()
    trained.LoadFromSerializedProto(model.getvalue())
    pieces = [trained.id_to_piece(i) for i in range(1, len(trained))]
    scores = [round(trained.get_score(i), 5) for i in range(1, len(trained))]
    learned = dict(zip(pieces, scores, strict=True))
    more = [piece for piece in more if piece not in learned]
    worst = min(scores)
    return SubwordTokenizer(pieces + more, scores + [worst] * len(more))

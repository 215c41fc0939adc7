"""Pitches as ABC spells them: accidental, letter and octave marks."""

ACCIDENTALS = {-2: "__", -1: "_", 0: "=", 1: "^", 2: "^^"}  # by semitones
ALTERATIONS = {sign: semitones for semitones, sign in ACCIDENTALS.items()}
LETTERS = "CDEFGAB"
SEMITONES = dict(zip(LETTERS, (0, 2, 4, 5, 7, 9, 11), strict=True))


def spell_pitch(letter: str, octave_marks: str) -> str:
    """Returns the one canonical spelling of a letter and its octave marks.

    Example:
        >>> spell_pitch("C", "'"), spell_pitch("c", ",,")
        ('c', 'C,')
    """
    octave = letter.islower() + octave_marks.count("'")
    octave -= octave_marks.count(",")
    if octave > 0:
        return letter.lower() + "'" * (octave - 1)
    return letter.upper() + "," * -octave


def spell_step(step: int) -> str:
    """Returns the spelling of a diatonic step; inverts `diatonic_step`.

    Example:
        >>> spell_step(0), spell_step(-1), spell_step(14)
        ('C', 'B,', "c'")
    """
    octave, degree = divmod(step, 7)
    return spell_pitch(LETTERS[degree], "'" * octave + "," * -octave)


def shift_octaves(spelling: str, octaves: int) -> str:
    """Moves a spelling up by octaves, down where they are negative.

    Example:
        >>> shift_octaves("c'", 1), shift_octaves("C", -1)
        ("c''", 'C,')
    """
    marks = "'" * octaves + "," * -octaves
    return spell_pitch(spelling[0], spelling[1:] + marks)


def diatonic_step(spelling: str) -> int:
    """Returns how many white keys a spelling lies above middle C (`C`)."""
    octave = spelling[0].islower() + spelling.count("'") - spelling.count(",")
    return LETTERS.index(spelling[0].upper()) + 7 * octave


def midi_pitch(step: int, alteration: int) -> int:
    """Returns the MIDI number of a diatonic step and its alteration.

    Args:
        step: white keys above middle C.
        alteration: semitones by which it is raised.
    """
    return 60 + step // 7 * 12 + SEMITONES[LETTERS[step % 7]] + alteration


LOWEST = diatonic_step("C,")  # steps of the range of canonical ABC
HIGHEST = diatonic_step("c'''")


def octaves_into_range(low: int, high: int) -> int:
    """Returns by how many octaves to move notes that leave the range.

    Args:
        low: step of the lowest note.
        high: step of the highest.
    """
    up = -((low - LOWEST) // 7) if low < LOWEST else 0
    down = -((HIGHEST - high) // 7) if high > HIGHEST else 0
    return up - down

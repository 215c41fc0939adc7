"""What a conversion to canonical ABC may drop, in the words users read."""

from fractions import Fraction

VOICES = "only the first voice was kept"
PARTS = "only the melody was kept"
CHORDS = "only the top note of each chord was kept"
OCTAVES = "moved by octaves"
GRID = "tuplets of 5, 7 or more were rounded to 32nd notes"
JUMPS = "D.C., D.S. and codas were left out"
MOVED = "quantised to sixteenths and triplets; largest shift in beats"
SHORT = "notes too short for sixteenths were left out"
BENDS = "pitch bends were left out"
SECONDS = "timed in seconds: the beats follow from the tempo"
NO_METER = "no metre was given: read as 4/4"
NO_KEY = "no key was given: found by analysis"

Losses = dict[str, Fraction | int]  # each with its number, 0 for none

"""A user's files (ABC, MIDI, MusicXML) as tunes."""

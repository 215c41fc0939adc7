"""Files of a chorale: MusicXML, ABC, MIDI, sound, score, piano roll."""

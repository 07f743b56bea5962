"""Speech to words, offline: the model store, the recogniser, and how Mandarin syllables sound alike."""

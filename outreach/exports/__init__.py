"""People as files: which, as what, and who took them, when and why. Everything streams; nothing is held whole."""

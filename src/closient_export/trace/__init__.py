"""Where a lot came from, what became of it and where it went."""

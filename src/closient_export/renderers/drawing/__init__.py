"""From the modules of a symbol to a file format."""

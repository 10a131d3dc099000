"""From a payload to the modules of a symbol."""

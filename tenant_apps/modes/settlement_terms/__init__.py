"""Terms that hold for every mode of a mall: the pot of a line, windows, the warning line."""

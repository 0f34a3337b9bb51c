"""The command line: parses, calls one function, prints; no clinical decision is made here."""

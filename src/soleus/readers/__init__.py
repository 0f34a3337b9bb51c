"""Outside formats read into core nouns; each reader is blind to the others."""

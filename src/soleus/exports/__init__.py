"""Outside formats written from core nouns; each export is blind to the others."""

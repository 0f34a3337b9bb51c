"""R12 and R13: films of a run and of the heel-raise test, the count by hand, and the checks of foot and shoe."""

"""Scoring of the whole product on published cases: what it would have said, against what it turned out to be."""

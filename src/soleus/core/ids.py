"""Identifier types: plain strings at run time, distinct to the type checker."""

from typing import NewType

FindingId = NewType("FindingId", str)
ConditionId = NewType("ConditionId", str)
RuleId = NewType("RuleId", str)
SourceKey = NewType("SourceKey", str)
TextId = NewType("TextId", str)
AdviceId = NewType("AdviceId", str)
MeasureId = NewType("MeasureId", str)
ExerciseId = NewType("ExerciseId", str)
FamilyId = NewType("FamilyId", str)
"""A plan family: one shape of rehabilitation for one or more causes."""
ProgrammeId = NewType("ProgrammeId", str)
"""A return-to-run programme."""
KitId = NewType("KitId", str)

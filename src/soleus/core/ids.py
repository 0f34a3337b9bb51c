"""Identifier types: plain strings at run time, distinct to the type checker."""

from typing import NewType

FindingId = NewType("FindingId", str)
ConditionId = NewType("ConditionId", str)
RuleId = NewType("RuleId", str)
SourceKey = NewType("SourceKey", str)
TextId = NewType("TextId", str)
AdviceId = NewType("AdviceId", str)

"""Triage: red-flag rules in three-valued logic. It runs first, alone, and is proved (tests/proofs)."""

from __future__ import annotations

from soleus.triage.engine import triage

__all__ = ["triage"]

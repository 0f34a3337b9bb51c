"""The runner and the case: everything an assessment may read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from soleus.core.finding import Finding, FindingSet, Origin
from soleus.core.ids import FindingId


class Sex(Enum):
    """Sex registered at birth."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "prefer_not"


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Who hurts. Unknown parts are None or Sex.UNKNOWN."""

    age_years: float | None = None
    sex: Sex = Sex.UNKNOWN
    height_cm: float | None = None
    weight_kg: float | None = None


AGE_BANDS: tuple[tuple[float, str], ...] = ((18, "u18"), (35, "18_34"), (50, "35_49"), (65, "50_64"))


def age_band(age_years: float) -> str:
    """The option of the finding `age_band` for an age in years."""
    return next((band for limit, band in AGE_BANDS if age_years < limit), "65plus")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One episode of calf pain. `findings` holds answers, measurements and examination together.

    `facts`: medicine-safety facts (ids of knowledge `medicine_facts`), True/False; absent = unknown.
    """

    id: str = ""
    runner: Runner = field(default_factory=Runner)
    findings: FindingSet = field(default_factory=FindingSet)
    facts: tuple[tuple[str, bool], ...] = ()
    onset_on: date | None = None

    def evidence(self) -> FindingSet:
        """The findings, with those that follow from the runner (age band, sex) added when not given."""
        derived = []
        if self.runner.age_years is not None and "age_band" not in self.findings:
            derived.append(Finding(id=FindingId("age_band"), value=age_band(self.runner.age_years)))
        if self.runner.sex is not Sex.UNKNOWN and "sex_at_birth" not in self.findings:
            derived.append(Finding(id=FindingId("sex_at_birth"), value=self.runner.sex.value))
        if self.runner.height_cm and self.runner.weight_kg and "height_weight_bmi" not in self.findings:
            bmi = self.runner.weight_kg / (self.runner.height_cm / 100) ** 2
            derived.append(Finding(id=FindingId("height_weight_bmi"), value=round(bmi, 1), origin=Origin.SELF_REPORT))
        return self.findings.merged(derived)

"""The state of one check: what was said so far, as plain JSON in the sealed session."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any

from django.http import HttpRequest

from soleus.core.case import Case, Runner, Sex
from soleus.core.expression import Answer
from soleus.core.finding import Finding, FindingSet, Origin
from soleus.core.ids import FindingId

SESSION_KEY = "check"
VERSION = 1


@dataclass(kw_only=True)
class Check:
    """One check of one calf. `answers` holds None for "I don't know"; `skipped` was shown but not answered."""

    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    version: int = VERSION
    emergency_checked: bool = False
    agreed: bool = False
    for_self: bool = True
    keep: bool = False
    age_years: int | None = None
    age_done: bool = False
    sex: str = "prefer_not"
    sex_done: bool = False
    height_cm: float | None = None
    weight_kg: float | None = None
    body_done: bool = False
    leg: str = ""
    where_done: bool = False
    answers: dict[str, Any] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    pages: list[dict[str, Any]] = field(default_factory=list)
    """Pages in the order answered: {"screen": id or "", "items": findings}."""
    tests: str = ""
    exam: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, bool | None] = field(default_factory=dict)
    noted: int = -1
    """The highest urgency whose "get help" page the runner has acknowledged."""
    enough: bool = False
    teach_back: str = ""
    onset_on: str | None = None
    onset_unsure: bool = False
    onset_asked: bool = False
    """Whether the day was asked for; "I can't say" is an answer too."""
    measured: dict[str, Any] = field(default_factory=dict)
    goals: dict[str, Any] = field(default_factory=dict)
    """Pages of R14 by section id; a page left empty holds None, one not yet seen is absent."""
    current: list[str] = field(default_factory=list)
    """The question or questions last offered: the only new ones that may be answered."""
    current_screen: str = ""
    why: str = ""
    remaining: int = 0
    stoppable: bool = False

    # --- answers ---------------------------------------------------------------------------------------------
    def answer(self, finding: str, value: Answer) -> None:
        """Record an answer ("I don't know" is None); a several-marks answer is kept as a list."""
        self.answers[finding] = sorted(value) if isinstance(value, frozenset) else value
        self._seen(finding)
        self.skipped = [f for f in self.skipped if f != finding]
        self.teach_back = ""

    def skip(self, finding: str) -> None:
        self.answers.pop(finding, None)
        self._seen(finding)
        if finding not in self.skipped:
            self.skipped.append(finding)

    def forget(self, findings: Iterable[str]) -> None:
        gone = set(findings)
        self.answers = {f: v for f, v in self.answers.items() if f not in gone}
        self.skipped = [f for f in self.skipped if f not in gone]
        self.order = [f for f in self.order if f not in gone]
        for page in self.pages:
            page["items"] = [f for f in page["items"] if f not in gone]
        self.pages = [page for page in self.pages if page["items"]]

    def _seen(self, finding: str) -> None:
        if finding not in self.order:
            self.order.append(finding)

    def page_answered(self, items: Iterable[str], screen: str = "") -> None:
        """Remember the page, once, for going back and for the limit of pages."""
        wanted = list(items)
        for page in self.pages:
            if page["screen"] == screen and (screen or page["items"] == wanted):
                page["items"] = list(dict.fromkeys([*page["items"], *wanted]))
                return
        self.pages.append({"screen": screen, "items": wanted})

    def page_before(self, items: Iterable[str], screen: str = "") -> dict[str, Any] | None:
        """The page answered before this one; the last one, when this is new."""
        wanted = list(items)
        for at, page in enumerate(self.pages):
            if (screen and page["screen"] == screen) or (not screen and page["items"] == wanted):
                return self.pages[at - 1] if at else None
        return self.pages[-1] if self.pages else None

    # --- to the engines --------------------------------------------------------------------------------------
    def runner(self) -> Runner:
        return Runner(age_years=self.age_years, sex=Sex(self.sex), height_cm=self.height_cm, weight_kg=self.weight_kg)

    def findings(self) -> FindingSet:
        said = [_finding(f, v, Origin.SELF_REPORT) for f, v in self.answers.items()]
        measured = [_finding(f, v, Origin.MEASURED) for f, v in self.measured.items()]
        seen = [_finding(f, v, Origin.CLINICIAN) for f, v in self.exam.items()]
        return FindingSet([*said, *measured, *seen])

    def case(self) -> Case:
        facts = tuple(sorted((f, v) for f, v in self.facts.items() if v is not None))
        onset = date.fromisoformat(self.onset_on) if self.onset_on else None
        return Case(id=self.id, runner=self.runner(), findings=self.findings(), facts=facts, onset_on=onset)

    # --- to and from the session -----------------------------------------------------------------------------
    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Check | None:
        """The check, or None when it was written by a version we cannot read."""
        if data.get("version") != VERSION:
            return None
        known = {f.name for f in fields(cls)}
        return cls(**{name: value for name, value in data.items() if name in known})


def _finding(finding: str, value: Any, origin: Origin) -> Finding:
    return Finding(id=FindingId(finding), value=frozenset(value) if isinstance(value, list) else value, origin=origin)


def check_from_case(case: Case) -> Check:
    """A check that holds what a case file said; agreement and emergency check are still to come."""
    check = Check(
        age_years=int(case.runner.age_years) if case.runner.age_years is not None else None,
        age_done=case.runner.age_years is not None,
        sex=case.runner.sex.value,
        sex_done=case.runner.sex is not Sex.UNKNOWN,
        height_cm=case.runner.height_cm,
        weight_kg=case.runner.weight_kg,
        body_done=case.runner.height_cm is not None or case.runner.weight_kg is not None,
        facts=dict(case.facts),
        onset_on=case.onset_on.isoformat() if case.onset_on else None,
    )
    for finding in case.findings:
        value = sorted(finding.value) if isinstance(finding.value, frozenset) else finding.value
        if finding.origin is Origin.CLINICIAN:
            check.exam[finding.id] = value
        elif finding.origin is Origin.MEASURED:
            check.measured[finding.id] = value
        else:
            check.answer(finding.id, value)
    check.leg = {"both": "both", "alternating": "alternating"}.get(str(check.answers.get("side")), "")
    return check


def load_check(request: HttpRequest) -> Check | None:
    """The check of this session, or None when there is none."""
    data = request.session.get(SESSION_KEY)
    return Check.from_json(data) if isinstance(data, dict) else None


def store_check(request: HttpRequest, check: Check) -> None:
    """Keep the check in the session, and in the saved copy when a resume code was made."""
    request.session[SESSION_KEY] = check.to_json()
    from soleus.web.journey.saved import refresh_saved

    refresh_saved(request, check)


def start_check(request: HttpRequest) -> Check:
    """A new check in a session with a new key; the old one is forgotten."""
    country = request.session.get("country")
    _drop_running(request)
    request.session.flush()
    if country:
        request.session["country"] = country
    check = Check()
    store_check(request, check)
    return check


def _drop_running(request: HttpRequest) -> None:
    """The check under way ends here: its running, films and plan go too, unless a code still opens it."""
    from soleus.web.journey.film import jobs as film_jobs
    from soleus.web.journey.film import store as film_store
    from soleus.web.journey.planning import store as plan_store
    from soleus.web.journey.training import jobs, store

    check = load_check(request)
    if check is not None and not isinstance(request.session.get("resume"), dict):
        jobs.cancel(check.id)
        store.delete(check.id)
        plan_store.delete(check.id)
        film_jobs.cancel(check.id)
        film_store.delete(check.id)

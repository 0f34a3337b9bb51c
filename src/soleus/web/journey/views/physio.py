"""The examination page: enter findings for this session's case; see rules, Wells count and weights of evidence."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from soleus.clinic.evidence import FROM_WATCH
from soleus.core.assessment import Assessment, Contribution, RuleState
from soleus.core.finding import Finding, Origin
from soleus.exports.wording import clinical_value
from soleus.knowledge.base import FindingDefinition, Kind
from soleus.web.journey import adapter, adapter_training, wording
from soleus.web.journey.film.page import clinical_parts, effect
from soleus.web.journey.flow import agreed, tell, today
from soleus.web.journey.forms import FormError, Mistakes, read_number
from soleus.web.journey.help import LOOK
from soleus.web.journey.state import Check, store_check
from soleus.web.journey.training.page import changes_page
from soleus.web.journey.views.result import try_assess

SHOWN_CAUSES = 8
FIRST_AREA = "clinician_exam"


@require_http_methods(["GET", "POST"])
@agreed
def case(request: HttpRequest, check: Check) -> HttpResponse:
    """Examination in, assessment out; the clinician's findings overrule the runner's where they differ."""
    errors: list[FormError] = []
    if request.method == "POST":
        exam: dict[str, Any] = {}
        for entry in _examined():
            try:
                value = _read(entry, request)
            except Mistakes as mistakes:
                errors += mistakes.errors
                continue
            if value is not None:
                exam[entry.id] = value
        if not errors:
            check.exam = exam
            store_check(request, check)
            tell(request, f"Examination saved: {len(exam)} finding{'' if len(exam) == 1 else 's'}.")
            return redirect("physio_case")
    assessment = try_assess(check)
    context = {
        "groups": _form(check, request),
        "back": reverse("result"),
        "view": _view(assessment) if assessment is not None else None,
        "training": _training(check),
        "films": clinical_parts(check),
        "film_effect": effect(check, today()),
        "unsure_day": check.onset_unsure,
        "errors": errors,
        "field_errors": {e.field: e.text for e in errors},
        "bare": True,
    }
    return render(request, "soleus/physio.html", context, status=422 if errors else 200)


def _examined() -> list[FindingDefinition]:
    entries = [d for d in adapter.kb().findings.values() if "clinician" in d.asked_of]
    return sorted(entries, key=lambda d: (d.area != FIRST_AREA, d.area))


def _read(entry: FindingDefinition, request: HttpRequest) -> bool | str | float | None:
    typed = request.POST.get(f"exam-{entry.id}", "")
    if not typed:
        return None
    if entry.kind is Kind.BOOLEAN:
        return {"yes": True, "no": False}.get(typed)
    if entry.kind is Kind.CHOICE:
        return typed if typed in entry.options else None
    low, high = entry.low if entry.low is not None else 0.0, entry.high if entry.high is not None else 1000.0
    value = read_number(request.POST, f"exam-{entry.id}", low=low, high=high, what=wording.short(entry.id))
    return int(value) if value is not None and entry.kind is Kind.INTEGER else value


def _form(check: Check, request: HttpRequest) -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for entry in _examined():
        value = check.exam.get(entry.id)
        text = (
            {True: "yes", False: "no", None: ""}.get(value, str(value)) if not isinstance(value, float) else str(value)
        )
        if entry.kind is Kind.BOOLEAN:
            options = [("", "Not examined"), ("yes", "Present"), ("no", "Absent")]
        elif entry.kind is Kind.CHOICE:
            words = [
                (o, wording.text(f"finding.{entry.id}.option_clinical.{o}", wording.option(entry.id, o)))
                for o in entry.options
            ]
            options = [("", "Not examined"), *words]
        else:
            options = []
        groups.setdefault(entry.area, []).append(
            {
                "id": f"exam-{entry.id}",
                "label": wording.text(f"finding.{entry.id}.clinical", wording.short(entry.id)),
                "help": wording.text(f"finding.{entry.id}.help") if entry.area == FIRST_AREA else "",
                "options": [{"value": v, "label": label, "chosen": v == text} for v, label in options],
                "value": request.POST.get(f"exam-{entry.id}", text),
            }
        )
    return [{"title": wording.sentence(wording.plain(area)), "rows": rows} for area, rows in groups.items()]


def _training(check: Check) -> dict[str, Any] | None:
    """The running before the onset in clinical words, with what it moved."""
    report = adapter_training.report_of(check)
    if report is None:
        return None
    effect = adapter_training.effect_of(check, report, today())
    return changes_page(report, imported=None, effect=effect, clinical=True)


def _view(assessment: Assessment) -> dict[str, Any]:
    rules = []
    for rule in assessment.triage.rules:
        if rule.state is RuleState.CLEAR:
            continue
        if rule.state is RuleState.UNDETERMINED and not (rule.support or rule.contributes is not None):
            continue
        rules.append(
            {
                "id": rule.id,
                "state": rule.state.value,
                "adds": wording.plain(rule.contributes.slug) if rule.contributes is not None else "nothing",
                "clinical": wording.text(f"rule.{rule.id}.clinical"),
                "because": ", ".join(wording.plain(f) for f in (rule.support or rule.because)[:8]),
                "urgency": -1 if rule.contributes is None else int(rule.contributes),
            }
        )
    rules.sort(key=lambda row: (-row["urgency"], row["state"]))
    wells = assessment.triage.wells
    return {
        "disposition": wording.text(f"disposition.{assessment.disposition.slug}.title"),
        "colour": LOOK[assessment.disposition][0],
        "icon": LOOK[assessment.disposition][1],
        "wells": wells,
        "wells_counted": ", ".join(wording.plain(f) for f in wells.counted) or "none",
        "wells_unknown": ", ".join(wording.plain(f) for f in wells.unknown) or "none",
        "rules": rules,
        "clear": sum(rule.state is RuleState.CLEAR for rule in assessment.triage.rules),
        "causes": [_cause(c) for c in assessment.differential.causes[:SHOWN_CAUSES]]
        if assessment.differential is not None
        else [],
        "factors": [_cause(c) for c in assessment.differential.contributors]
        if assessment.differential is not None
        else [],
        "conflicts": [
            f"{wording.plain(c.kept.id)}: {_told_by(c.kept)}, {_told_by(c.overruled)}" for c in assessment.conflicts
        ],
        "version": assessment.knowledge_version,
        "hash": assessment.input_hash[:12],
    }


def _cause(cause: Any) -> dict[str, Any]:
    return {
        "name": wording.clinical_name(cause.condition) or wording.condition(cause.condition),
        "percent": f"{cause.probability * 100:.1f}",
        "range": f"{cause.low * 100:.0f}–{cause.high * 100:.0f}",
        "evidence": [
            {
                "finding": wording.text(f"finding.{c.finding}.clinical", wording.short(c.finding)),
                "value": _value(c),
                "db": f"{c.weight_db:+.1f}",
                "sources": ", ".join(c.sources),
            }
            for c in cause.contributions
        ],
    }


def _value(part: Contribution) -> str:
    if part.soft is not None:
        return clinical_value(adapter.kb(), part.soft)
    return ", ".join(sorted(part.value)) if isinstance(part.value, frozenset) else str(part.value)


def _told_by(finding: Finding) -> str:
    by = {Origin.CLINICIAN: "examination", Origin.MEASURED: "measured"}.get(finding.origin, "told")
    return f"{'watch files' if finding.note == FROM_WATCH else by} {finding.value}"

"""The training report in words, data and one page."""

import json
import re
from dataclasses import replace
from datetime import date

import pytest

from soleus.clinic.training_evidence import Moved, TrainingEffect, compare, watch_findings
from soleus.core.activity import Shoe
from soleus.core.assessment import Contribution
from soleus.core.case import Case
from soleus.core.finding import Finding, FindingConflict, FindingSet, Origin
from soleus.core.ids import FindingId
from soleus.core.training import (
    Change,
    ChangeState,
    Coverage,
    Estimate,
    LoadBalance,
    OnsetRun,
    SessionSpike,
    ShoeUse,
    TrainingReport,
    WithinRun,
)
from soleus.exports.runner_report import Running, runner_document
from soleus.exports.training_document import FileLine, Imported, training_document
from soleus.exports.training_html import training_html
from soleus.exports.training_json import effect_json, plain, training_json
from soleus.exports.training_lists import GROUPS
from soleus.exports.training_wording import (
    HIGHER,
    LONGER,
    amount,
    change_sentence,
    compared,
    conflict_sentence,
    effect_sentences,
    headline,
    moved_sentence,
    support_sentences,
)
from soleus.exports.wording import (
    clinical_contribution,
    clinical_soft,
    contribution_statement,
    measured_statement,
    soft_statement,
)
from soleus.knowledge import load_knowledge
from soleus.training.clean import FIXERS

KB = load_knowledge()
ONSET = date(2026, 11, 3)
TODAY = date(2026, 11, 22)
LOAD = FindingId("recent_load_increase")
SPIKE = FindingId("watch_single_run_spike")


def watch(name, lean, **more):
    return Finding(
        id=FindingId(name), value=more.pop("value", None), origin=Origin.MEASURED,
        likelihood={"true": lean, "false": 1 - lean}, note="watch", **more,
    )  # fmt: skip


def spike_change(**more):
    given = {
        "id": "session_spike", "state": ChangeState.CHANGED, "window_days": 14, "recent": 18.8, "baseline": 11.0,
        "unit": "km", "effect": Estimate(value=1.71, low=1.6, high=1.8), "larger_than": (20, 20), "probability": 0.99,
        "robust_z": 6.1, "strength": "cohort", "on": date(2026, 10, 29), "run_key": "long",
        "params": {"distance_km": 18.8, "reference_km": 11.0, "ratio": 1.71, "percent": 71.0, "on": "2026-10-29"},
        "findings": (SPIKE, LOAD), "sources": ("frandsen2025",),
    }  # fmt: skip
    return Change(**{**given, **more})


def report(*changes, enough=True, **more):
    coverage = Coverage(
        first_day=date(2026, 6, 1), last_day=date(2026, 11, 1), runs=60 if enough else 1, days=154, enough=enough
    )
    return TrainingReport(onset_on=ONSET, coverage=coverage, changes=changes, findings=more.pop("findings", ()), **more)


def test_a_change_is_told_with_its_numbers_and_their_support():
    sentence = change_sentence(KB, spike_change())
    assert "29 October 2026" in sentence
    assert "18.8 km" in sentence
    assert "71 % longer" in sentence
    spike = SessionSpike(
        run_key="long", day=date(2026, 10, 29), distance_m=18_800, reference_m=11_000, ratio=1.71, category="moderate",
        hazard_ratio=Estimate(value=1.52, low=1.16, high=2.0),
    )  # fmt: skip
    support = " ".join(support_sentences(KB, spike_change(), report(spike_change(), spikes=(spike,))))
    assert "60 % longer to 80 % longer" in support
    assert "20 of 20" in support
    assert "about 1.5 times as often (between 1.2 and 2.0 times)" in support
    assert "not your own chance" in support
    clinical = support_sentences(KB, spike_change(), report(spike_change(), spikes=(spike,)), clinical=True)
    assert "1.52 (95% CI 1.16 to 2.00)" in clinical[-1]


def test_climb_that_stands_out_per_kilometre_says_so():
    climb = spike_change(id="weekly_ascent", params={"per_km_ratio": 1.8})
    assert "For each kilometre you climbed 80 % more." in " ".join(support_sentences(KB, climb, report(climb)))
    assert "each kilometre" not in " ".join(support_sentences(KB, spike_change(), report(spike_change())))


@pytest.mark.parametrize("change", KB.training.changes, ids=lambda change: change.id)
@pytest.mark.parametrize("state", ChangeState)
@pytest.mark.parametrize("clinical", [False, True])
def test_no_sentence_shows_a_hole_or_claims_a_cause(change, state, clinical):
    """Even when the analysis could give no numbers at all."""
    empty = Change(id=change.id, state=state, strength=change.strength, reason="too_short")
    full = spike_change(id=change.id, state=state)
    for item in (empty, full):
        sentence = change_sentence(KB, item, clinical=clinical)
        assert sentence
        assert "{" not in sentence
        assert "None" not in sentence
        assert not re.search(r"\bcaused?\b", sentence)
        assert "{" not in " ".join(support_sentences(KB, item, report(item), clinical=clinical))


@pytest.mark.parametrize(
    ("ratio", "words", "said"),
    [
        (1.71, LONGER, "71 % longer"),
        (0.8, LONGER, "20 % shorter"),
        (2.6, LONGER, "2.6 times as long"),
        (2.6, HIGHER, "160 % higher"),
        (1.001, LONGER, "about the same"),
        (40.0, LONGER, "more than 10 times as long"),
        (40.0, HIGHER, "more than 900 % higher"),
        (float("inf"), LONGER, "more than 10 times as long"),
    ],
)
def test_ratios_in_words(ratio, words, said):
    assert compared(ratio, words) == said


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (12.34, "km", "12.3 km"),
        (1234.5, "m", "1,234 m"),
        (0.45, "share", "45 %"),
        (1.23456, "ratio", "1.23"),
        (1.0, "days", "1 day"),
        (3.0, "runs", "3 runs"),
        (3.07, "runs", "3.1 runs"),
        (None, "km", "not known"),
        (float("nan"), "km", "not known"),
        (3.0, "parsecs", "3.0 parsecs"),
    ],
)
def test_amounts_in_words(value, unit, said):
    assert amount(value, unit) == said


def test_the_headline_counts_what_changed_and_says_when_it_cannot():
    assert headline(KB, report(spike_change())).startswith("One thing changed in the 14 days before the pain")
    two = report(spike_change(), spike_change(id="weekly_distance", window_days=30))
    assert headline(KB, two).startswith("2 things changed in the 30 days before")
    described = spike_change(id="acwr", strength="descriptive", state=ChangeState.CHANGED)
    assert "None of them clearly changed" in headline(KB, report(described)), "a description is no change"
    untold = replace(spike_change(), state=ChangeState.TOO_LITTLE)
    assert "One thing cannot be told" in headline(KB, report(untold))
    assert "2 things cannot be told" in headline(KB, report(untold, untold))
    assert "too little running" in headline(KB, report(enough=False))
    assert "weeks before" in headline(KB, report(spike_change(window_days=None)))


def test_the_headline_names_what_changed():
    assert headline(KB, report(spike_change())).endswith(": one run much longer than before.")
    names = ("weekly_distance", "run_days", "weekly_ascent")
    many = report(spike_change(), *(spike_change(id=name) for name in names))
    assert "; more distance; more runs. And 1 more." in headline(KB, many)
    late = report(enough=False)
    late = replace(late, coverage=replace(late.coverage, reason="files_end"))
    assert "files end too long before" in headline(KB, late)


def test_one_long_run_is_not_told_twice_and_a_description_is_no_change():
    made = report(spike_change(), spike_change(id="longest_run"), spike_change(id="acwr", strength="descriptive"))
    document = training_document(made, KB)
    assert [change["id"] for change in document["changed"]] == ["session_spike"]
    assert document["unclear"] == [KB.text["training.change.acwr.changed"]]
    assert headline(KB, made).startswith("One thing")
    alone = training_document(report(spike_change(id="longest_run")), KB)
    assert [change["id"] for change in alone["changed"]] == ["longest_run"]


def test_every_change_has_one_place_in_the_lists():
    listed = [name for ids in GROUPS.values() for name in ids]
    assert sorted(listed) == sorted(change.id for change in KB.training.changes)
    same = tuple(replace(spike_change(id=name), state=ChangeState.UNCHANGED, probability=0.1) for name in listed)
    assert len(training_document(report(*same), KB)["unchanged"]) == len(GROUPS)


def test_what_cannot_be_told_stays_short():
    none = tuple(
        replace(spike_change(id=c.id), state=ChangeState.TOO_LITTLE, reason="too_short") for c in KB.training.changes
    )
    assert len(training_document(report(*none, enough=False), KB)["too_little"]) == 1
    table = report(*none[:3])
    table = replace(table, coverage=replace(table.coverage, from_table=True))
    assert "Watch files can tell more" in training_document(table, KB)["too_little"][0]


@pytest.mark.parametrize("fixer", FIXERS)
def test_every_repair_has_words_for_people(fixer):
    lines = training_document(report(edits={fixer: 2}), KB)["coverage"]
    assert f"training.report.edit.{fixer}" in KB.text or fixer == "unknown_sport"
    assert "_" not in lines[-1]
    if fixer == "unknown_sport":
        assert lines[-1].startswith("2 files do not name the sport. They moved like runs")
        assert "One file" in training_document(report(edits={fixer: 1}), KB)["coverage"][-1]
    else:
        assert lines[-1].endswith("(2 runs).")


def test_a_short_history_shows_no_long_average():
    made = everything()
    short = replace(made, coverage=replace(made.coverage, days=30))
    document = training_document(short, KB)
    assert not any(name.startswith(("CTL", "TSB")) for name, _ in document["balance"])
    assert "30 days" in document["balance_note"]
    assert any("only just" in line for line in document["coverage"])


def test_a_table_of_weeks_names_no_day():
    weeks = spike_change(on=None, run_key=None, params={"distance_km": 16.0, "reference_km": 9.0, "ratio": 1.78})
    assert "In the weeks before that it was 9.0 km at most" in change_sentence(KB, weeks)
    assert "own table" in change_sentence(KB, weeks, clinical=True)
    row = spike_change(id="consecutive_days", state=ChangeState.UNCHANGED, recent=13.0, baseline=5.5, unit="days")
    assert "13 days in a row" in change_sentence(KB, row)


def test_old_shoes_are_counted_not_listed():
    use = everything().shoes[0]
    document = training_document(report(shoes=(use,) * 9), KB)
    assert len(document["shoes"]) == 7
    assert document["shoes"][-1] == "And 3 older pairs."


def test_soft_evidence_is_told_by_how_sure_it_is():
    assert measured_statement(KB, watch(LOAD, 0.9)) == "Your watch files show clearly more running than before."
    assert "hint at" in measured_statement(KB, watch(LOAD, 0.7))
    assert "do not settle" in measured_statement(KB, watch(LOAD, 0.52))
    assert "less likely" in measured_statement(KB, watch(LOAD, 0.3))
    assert "do not show clearly more running" in measured_statement(KB, watch(LOAD, 0.1))
    assert measured_statement(KB, watch(SPIKE, 0.95)) == KB.text[f"finding.{SPIKE}.yes"]
    assert measured_statement(KB, watch(SPIKE, 0.05)) == KB.text[f"finding.{SPIKE}.no"]


def test_what_was_said_and_what_was_seen_stand_side_by_side():
    said = Finding(id=LOAD, value=False)
    both = Finding(
        id=LOAD, value=False, likelihood={"true": 0.9, "false": 1.0}, note="watch", parts=(said, watch(LOAD, 0.9))
    )
    part = Contribution(finding=LOAD, value=False, weight_db=2.0, sources=(), soft=both)
    words = contribution_statement(KB, part)
    assert words.startswith("You did not clearly run more.")
    assert words.endswith("Your watch files show clearly more running than before.")
    assert clinical_contribution(KB, part).endswith("stated absent; watch files 90% towards present")
    unsure = watch(LOAD, 0.9, parts=(Finding(id=LOAD, value=None), watch(LOAD, 0.9)))
    assert soft_statement(KB, unsure) == measured_statement(KB, watch(LOAD, 0.9))
    assert clinical_soft(KB, unsure).endswith("watch files, 90% towards present")
    other = Finding(id=LOAD, value=None, likelihood={"true": 0.6, "false": 0.4})
    assert "clearly more running" in soft_statement(KB, other)
    assert "I don't know" not in soft_statement(KB, other)
    assert clinical_soft(KB, other).endswith("(uncertain)")
    plain_part = Contribution(finding=LOAD, value=True, weight_db=2.0, sources=())
    assert contribution_statement(KB, plain_part) == KB.text[f"finding.{LOAD}.yes"]
    assert clinical_contribution(KB, plain_part).endswith("present")


def test_what_moved_is_told_in_hundreds():
    moved = Moved(condition="calf_overload", before=0.312, after=0.441, contributor=False, because=(SPIKE,))
    assert moved_sentence(KB, moved) == (
        "This raised “Overworked, tight calf” from 31 to 44 in 100 runners with these answers."
    )
    down = replace(moved, before=0.5, after=0.001)
    assert "lowered" in moved_sentence(KB, down, clinical=True)
    assert "fewer than 1" in moved_sentence(KB, down)


def test_a_conflict_shows_both_sides():
    conflict = FindingConflict(kept=Finding(id=LOAD, value=False), overruled=watch(LOAD, 0.9, value=True))
    sentence = conflict_sentence(KB, conflict)
    assert "You did not clearly run more." in sentence
    assert "Your watch files show clearly more running" in sentence


def effect_of(*findings, case=None):
    made = report(spike_change(), findings=findings)
    return made, compare(case or Case(onset_on=ONSET), made, KB, TODAY)


def test_the_effect_says_nothing_moved_when_nothing_did():
    _, effect = effect_of()
    assert "Nothing was added" in effect_sentences(KB, effect)[0]
    quiet = replace(effect, added=watch_findings(report(findings=(watch(SPIKE, 0.6),)), KB), moved=())
    assert "by as much as 1 in 100" in effect_sentences(KB, quiet)[0]
    hair = Moved(condition="calf_overload", before=0.001, after=0.009, contributor=False, because=())
    assert "by as much as 1 in 100" in effect_sentences(KB, replace(quiet, moved=(hair,)))[0]


def everything():
    within = WithinRun(stops=1, stopped_s=90, pace_drop_ratio=0.9, pace_drop_at_s=600)
    spike = SessionSpike(
        run_key="long", day=date(2026, 10, 29), distance_m=18_800, reference_m=11_000, ratio=1.71, category="moderate",
        hazard_ratio=Estimate(value=1.52, low=1.16, high=2.0),
    )  # fmt: skip
    shoe = ShoeUse(
        shoe=Shoe(id="a", name="<Fast> & \"Flat\""), first_day=date(2026, 6, 1), last_day=date(2026, 11, 1),
        distance_m=412_345, weekly_distance_m={date(2026, 11, 1): 20_000.0},
    )  # fmt: skip
    balance = LoadBalance(
        load="distance_km", ctl={"one_over_tau": 4.0, "exponential": 4.1}, atl={"own": 5.0}, tsb={},
        acwr_coupled=1.1, acwr_uncoupled=None, acwr_ewma=float("nan"), monotony=1.2, strain=30.0, week_on_week=None,
    )  # fmt: skip
    untold = replace(spike_change(id="forefoot_shift"), state=ChangeState.TOO_LITTLE, reason="no_channel")
    gap = replace(spike_change(id="first_hills"), state=ChangeState.TOO_LITTLE, reason="gap")
    same = replace(spike_change(id="weekly_distance"), state=ChangeState.UNCHANGED, probability=0.2)
    perhaps = replace(spike_change(id="run_days"), state=ChangeState.UNCHANGED, probability=0.9, unit="runs")
    made = report(
        spike_change(), same, perhaps, untold, gap, spikes=(spike,), shoes=(shoe,), balance=balance,
        onset_run=OnsetRun(run_key="long", distance_m=18_800, within=within, spike=spike),
        findings=(watch(SPIKE, 0.97, value=True), watch(LOAD, 0.9)), edits={"gps_spikes": 3},
    )  # fmt: skip
    return replace(made, coverage=replace(made.coverage, gaps=((date(2026, 7, 1), date(2026, 7, 20)),)))


IMPORTED = Imported(
    files=(
        FileLine(label="a.fit", state="read", salvaged=1),
        *(FileLine(label=f"{n}.tcx", state="damaged-but-read", salvaged=1, repairs=("a fault.",)) for n in range(5)),
        FileLine(label="b<.txt", state="refused", reason="is a text file"),
    ),
    activities=6,
    duplicates=2,
    notes=("a table was incomplete",),
)


def test_the_document_tells_everything_once():
    made = everything()
    document = training_document(made, KB, imported=IMPORTED)
    words = json.dumps(document)
    assert "{" not in words.replace('{"', "").replace("[{", "").replace(", {", "")
    assert document["problems"] == [
        ("b<.txt", "is a text file", "nothing"),
        ("5 files, such as 0.tcx", "a fault", "5 activities"),
    ]
    assert document["balance"][1:3] == [("CTL (steps of 1/42 and 1/7)", "4.0"), ("ATL (own)", "5.0")]
    assert any("1 July 2026 to 20 July 2026" in line for line in document["coverage"])
    assert any("places far off the path were left out (3 runs)" in line for line in document["coverage"])
    assert any("412.3 km" in line for line in document["shoes"])
    assert any("stood still once" in line for line in document["onset_run"])
    assert any("fell by 90 %" in line for line in document["onset_run"])
    assert any("This needs a sensor" in line for line in document["too_little"])
    assert any("long gap" in line for line in document["too_little"])
    assert any("2 were there more than once" in line for line in document["files"])
    assert "a table was incomplete" in document["files"]
    assert document["nothing_found"] == ""
    assert document["unchanged"] == ["How much you ran: more distance."]
    assert document["unclear"][0].endswith("18.8 runs in the 14 days before. Your usual is 11 runs.")
    assert document["unclear_note"]
    load = replace(spike_change(id="calf_load_damage"), state=ChangeState.UNCHANGED, probability=0.9, unit="steps")
    assert change_sentence(KB, load).endswith(": 71 % higher in the 14 days before."), "never the size of a model"
    assert len(document["limits"]) == 8
    table = replace(
        made, coverage=replace(made.coverage, from_table=True, first_day=None), onset_run=None, balance=None
    )
    assert any("your own table" in line for line in training_document(table, KB)["coverage"])
    calm = training_document(report(replace(spike_change(), state=ChangeState.UNCHANGED)), KB)
    assert "does not rule anything out" in calm["nothing_found"]
    empty = training_document(report(enough=False), KB, imported=Imported())
    assert empty["nothing_found"] == "", "too little is not reassurance"


def test_a_professional_reads_their_own_headings():
    assert training_document(report(), KB, clinical=True)["words"]["effect"] == "Effect on the differential"
    assert training_document(report(), KB)["words"]["effect"] == "What it does to your result"


def test_a_fault_is_told_once_for_each_file():
    line = FileLine(label="a.fit", state="refused", reason="cut short; no record in it", repairs=("cut short.",))
    (row,) = training_document(report(), KB, imported=Imported(files=(line,), activities=1))["problems"]
    assert row[1] == "cut short; no record in it"


def test_the_json_is_plain_and_finite():
    made = everything()
    effect = compare(Case(onset_on=ONSET, findings=FindingSet([Finding(id=LOAD, value=False)])), made, KB, TODAY)
    text = json.dumps({"training": training_json(made, KB, imported=IMPORTED), "effect": effect_json(effect, KB)},
                      allow_nan=False)  # fmt: skip
    document = json.loads(text)
    assert document["training"]["balance"]["acwr_ewma"] is None
    assert document["training"]["changes"][0]["sentence"]
    assert document["training"]["shoes"][0]["weekly_distance_m"] == {"2026-11-01": 20000.0}
    assert document["training"]["import"]["states"] == {"read": 1, "damaged-but-read": 5, "refused": 1}
    assert document["effect"]["moved"][0]["sentence"].startswith("This ")
    assert document["effect"]["conflicts"][0]["finding"] == LOAD
    assert document["effect"]["added"][0]["origin"] == "measured"
    assert plain(frozenset({"b", "a"})) == ["a", "b"]


def test_the_page_escapes_what_came_from_files():
    made = everything()
    effect = compare(Case(onset_on=ONSET), made, KB, TODAY)
    page = training_html(made, KB, imported=IMPORTED, effect=effect)
    assert "<Fast>" not in page
    assert "&lt;Fast&gt; &amp;" in page
    assert "b<.txt" not in page
    assert page.count("<h1>") == 1
    assert "For description only" in page
    assert training_html(made, KB, imported=IMPORTED, effect=effect) == page, "the same report, the same bytes"
    assert "Hazard rate ratio" in training_html(made, KB, clinical=True)
    assert "default-src 'none'" in page


def test_files_that_end_long_before_the_pain_are_doubted_first():
    made = everything()
    assert training_document(made, KB)["warnings"] == []
    old = replace(made, coverage=replace(made.coverage, last_day=date(2026, 10, 1)))
    assert training_document(old, KB)["warnings"] == [], "a run on the day it began shows that the watch was in use"
    ended = replace(old.coverage, enough=False, reason="files_end")
    old = replace(old, onset_run=None, coverage=ended)
    assert "end too long before the pain" in " ".join(training_document(old, KB)["coverage"])
    (warning,) = training_document(old, KB)["warnings"]
    assert "33 days before the pain" in warning
    assert "33 days before the pain" in training_html(old, KB)
    table = replace(old, coverage=replace(old.coverage, from_table=True))
    assert training_document(table, KB)["warnings"] == []
    gaps = tuple((date(2026, month, 1), date(2026, month, 20)) for month in range(1, 7))
    many = training_document(replace(made, coverage=replace(made.coverage, gaps=gaps)), KB)["coverage"]
    assert "No runs from 1 June 2026" in many[1]
    assert many[4] == "There are 3 more gaps before that."


def test_an_empty_report_is_a_page_too():
    nothing = TrainingReport(
        onset_on=ONSET,
        coverage=Coverage(first_day=None, last_day=None, runs=0, days=0, enough=False, reason="too_short"),
        changes=tuple(
            Change(id=item.id, state=ChangeState.TOO_LITTLE, reason="too_short") for item in KB.training.changes
        ),
        findings=(),
    )
    page = training_html(nothing, KB, imported=Imported(files=(FileLine(label="a", state="refused"),)))
    assert "too little running" in page
    assert "No clear change" not in page
    assert "No file could be read" in page
    assert json.dumps(training_json(nothing, KB), allow_nan=False)


def test_the_runners_report_gains_a_section_but_not_in_an_emergency():
    made = everything()
    effect = compare(Case(onset_on=ONSET), made, KB, TODAY)
    case = Case(onset_on=ONSET)
    document = runner_document(effect.after, case, KB, Running(report=made, effect=effect))
    assert document["running"] == [] or effect.after.disposition < 4
    calm = Case(onset_on=ONSET, findings=FindingSet(
        Finding(id=name, value=False) for name, item in KB.findings.items()
        if item.kind.value == "boolean" and "runner" in item.asked_of
    ))  # fmt: skip
    quiet = compare(calm, made, KB, TODAY)
    lines = runner_document(quiet.after, calm, KB, Running(report=made, effect=quiet))["running"]
    assert lines[0] == headline(KB, made)
    assert any("in 100 runners with these answers" in line for line in lines)
    assert lines[-1].endswith("We cannot say that it caused the pain.")
    assert len(lines) == len(set(lines))
    assert isinstance(quiet, TrainingEffect)

"""The exercises: complete, true to the evidence they come from, forbidden where they could harm, and easy to read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from soleus.core.goals import HOME_KIT
from soleus.knowledge import load_knowledge
from soleus.knowledge.plan_base import Exercise
from soleus.knowledge.readability import MIN_WORDS, reading_grade, word_count

ROOT = Path(__file__).resolve().parents[3]
EVIDENCE = ROOT.parent / "shared" / "evidence" / "exercises.yaml"
KB = load_knowledge()
EXERCISES = KB.plans.exercises
COUNT = 72
PARTS = ("name", "clinical", "cue.1", "cue.2", "feel", "start", "end", "easier", "harder", "load")
MAX_GRADE = 7.0
"""About what an eleven-year-old reads; one sentence may be a little harder than the whole."""
MAX_GRADE_WHOLE = 5.0
OTHER_KIT = {"metronome", "mirror", "hill", "grass_or_track"}.union(
    ("band", "loop_band", "dumbbell", "gym", "foam_roller", "rope", "box", "ball", "bike", "elliptical", "pool")
)
RENAMED = {"green2020epi": "green2020"}
LOADS = {
    "RPE_0_10": "rpe_0_10",
    "pct_max_effort": "rpe_0_10",
    "bodyweight": "none",
    "added_pct_bodyweight": "bodyweight_pct",
    "repetition_maximum": "rm",
    "stretch_0_10": "feel_0_10",
    "pressure_0_10": "feel_0_10",
    "pct_max_speed": "speed_pct",
}
DOSES = {
    "sets": "sets",
    "reps": "reps",
    "hold_s": "hold_s",
    "duration_min": "duration_min",
    "work_s": "work_s",
    "distance_m": "distance_m",
    "contacts": "total_contacts",
    "rest_s": "rest_s",
    "per_week": "sessions_per_week",
    "bouts_per_day": "bouts_per_day",
    "weeks": "weeks",
}
needs_evidence = pytest.mark.skipif(not EVIDENCE.is_file(), reason="the evidence is not beside the repository")
each = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=list(EXERCISES))


@cache
def document() -> dict[str, Any]:
    return dict(yaml.safe_load(EVIDENCE.read_text(encoding="utf-8")))


def evidence() -> dict[str, dict[str, Any]]:
    return {entry["id"]: entry for entry in document()["exercises"]}


def texts(exercise: str) -> dict[str, str]:
    prefix = f"exercise.{exercise}."
    return {name.removeprefix(prefix): text for name, text in KB.text.items() if name.startswith(prefix)}


def sentences(*parts: str) -> Iterator[str]:
    for part in parts:
        for sentence in re.split(r"[.;:!?]\s+|\n", part):
            words = re.findall(r"[a-z0-9]+", sentence.lower())
            if len(words) > 3:
                yield " ".join(words)


def test_there_are_72() -> None:
    assert len(EXERCISES) == COUNT


@each
def test_easier_and_harder_mirror_each_other(exercise: Exercise) -> None:
    assert all(exercise.id in EXERCISES[harder].regresses_to for harder in exercise.progresses_to)
    assert all(exercise.id in EXERCISES[easier].progresses_to for easier in exercise.regresses_to)
    assert exercise.id not in (*exercise.progresses_to, *exercise.regresses_to)


@each
def test_kit_is_known(exercise: Exercise) -> None:
    assert all(item in HOME_KIT | OTHER_KIT for kit in exercise.kit for item in kit)
    assert all(kit for kit in exercise.kit), "an empty alternative means that nothing is needed: leave kit out"


# --- forbidden where it could harm --------------------------------------------------------------------------------
@each
def test_dangers_forbid_every_exercise(exercise: Exercise) -> None:
    assert {"suspected_dvt", "acute_compartment_signs", "danger_open"} <= set(exercise.contraindications)
    assert len(set(exercise.contraindications)) == len(exercise.contraindications)
    assert exercise.stop_signs
    assert "pain_over_limit" in exercise.stop_signs, "the pain limit holds for everything"


@each
def test_what_loads_or_stretches_the_calf_spares_a_torn_tendon(exercise: Exercise) -> None:
    if exercise.loads_calf and exercise.kind != "neural":
        free = {"glute_bridge", "side_plank"}
        assert "suspected_achilles_rupture" in exercise.contraindications or exercise.id in free


@each
def test_a_grab_in_the_calf_stops_what_trains_it(exercise: Exercise) -> None:
    if exercise.kind in ("isometric", "strength", "eccentric", "plyometric", "running_drill", "flexibility") and (
        exercise.id != "dorsiflexor_raise"
    ):
        assert "sudden_pop_or_grab" in exercise.stop_signs
        assert any(sign.startswith(("new_swelling", "severe_swelling")) for sign in exercise.stop_signs)


@each
def test_impact_waits_for_bone_and_strength(exercise: Exercise) -> None:
    codes = set(exercise.contraindications)
    if exercise.kind == "plyometric":
        assert {"bsi_unhealed", "strain_early_phase", "strain_springs_early", "limping"} <= codes
        assert {"any_bone_pain_with_load", "hop_pain"} <= set(exercise.stop_signs)
    if exercise.impact in ("moderate", "high"):
        assert "bsi_unhealed" in codes
        assert "any_bone_pain_with_load" in exercise.stop_signs
    if exercise.kind == "running_drill" and exercise.id != "skipping_a":
        assert "run_gate_not_passed" in codes


@each
def test_a_strain_that_forbids_one_leg_strength_forbids_it_after_a_large_tear_too(exercise: Exercise) -> None:
    codes = exercise.contraindications
    assert ("strain_early_phase" in codes) == ("strain_g3_early_phase" in codes)


def test_the_heel_stays_level_where_the_tendon_joins_the_bone() -> None:
    below = [e for e in EXERCISES.values() if re.search(r"below the step|below step|hanging", texts(e.id)["end"])]
    below += [e for e in EXERCISES.values() if re.search(r"below the step", texts(e.id)["start"])]
    assert len(below) >= 5
    assert all("insertional_at_no_below_neutral" in exercise.contraindications for exercise in below)


def test_every_contraindication_is_used_and_explained() -> None:
    codes = KB.plans.contraindications
    used = {code for exercise in EXERCISES.values() for code in exercise.contraindications}
    used |= {code for adjunct in KB.adjuncts for code in adjunct.contraindications}
    used |= {code for measure in KB.plans.measures.values() for code in measure.unsafe_codes}
    assert used == set(codes)
    for code in codes:
        for text_id in (f"contraindication.{code}", f"contraindication.{code}.unknown"):
            assert reading_grade(KB.text[text_id]) <= MAX_GRADE, text_id


# --- wording ------------------------------------------------------------------------------------------------------
@each
def test_wording_is_complete(exercise: Exercise) -> None:
    words = texts(exercise.id)
    assert words.keys() >= set(PARTS)
    assert words.keys() <= {*PARTS, "cue.3", "cue.4"}
    assert not words["name"].endswith(".")
    assert words["start"] != words["end"]
    assert " should feel " in f" {words['feel'].lower()}" or " should get " in words["feel"]
    assert " not " in words["feel"], "what it must not feel like"


@each
def test_wording_is_easy_to_read(exercise: Exercise) -> None:
    words = {name: text for name, text in texts(exercise.id).items() if name != "clinical"}
    hard = {name: text for name, text in words.items() if word_count(text) >= MIN_WORDS}
    assert {name: text for name, text in hard.items() if reading_grade(text) > MAX_GRADE} == {}
    assert reading_grade(" ".join(text for name, text in words.items() if name != "name")) <= MAX_GRADE_WHOLE


@each
def test_what_is_harder_stays_inside_the_exercise(exercise: Exercise) -> None:
    """A harder exercise is named only past its own vetoes, so these words must not lead to one."""
    words = texts(exercise.id)["harder"].lower()
    assert exercise.unilateral or "one leg" not in words or exercise.kind == "hip"
    assert exercise.kind in ("plyometric", "running_drill") or not re.search(r"\b(jump|hop|pogo|run)", words)
    weighted = exercise.dose.load is not None and exercise.dose.load.basis in ("bodyweight_pct", "rm")
    assert weighted or exercise.kind in ("isometric", "strength") or not re.search(r"backpack|add weight", words)
    steps = any("step" in kit for kit in exercise.kit)
    assert steps or not re.search(r"\b(a|the|on) step\b", words)


def test_names_differ() -> None:
    names = [texts(exercise)["name"].lower() for exercise in EXERCISES]
    assert len(set(names)) == COUNT


# --- true to the evidence -----------------------------------------------------------------------------------------
@needs_evidence
def test_the_exercises_are_those_of_the_evidence() -> None:
    assert set(EXERCISES) == set(evidence())


@needs_evidence
@each
def test_doses_are_those_of_the_evidence(exercise: Exercise) -> None:
    dose = evidence()[exercise.id]["dose"]
    for ours, theirs in DOSES.items():
        assert getattr(exercise.dose, ours) == (tuple(dose[theirs]) if theirs in dose else None), ours
    tempo = dose.get("tempo_up_hold_down_s")
    assert exercise.dose.tempo_s == (tuple(tempo) if tempo else None)
    load = dose.get("load")
    if load is None:
        assert exercise.dose.load is None
        return
    assert exercise.dose.load is not None
    scale = 10 if load["basis"] == "pct_max_effort" else 1
    assert exercise.dose.load.basis == LOADS[load["basis"]]
    assert (exercise.dose.load.low, exercise.dose.load.high) == tuple(sorted(v / scale for v in load["range"]))


@needs_evidence
@each
def test_facts_are_those_of_the_evidence(exercise: Exercise) -> None:
    entry = evidence()[exercise.id]
    assert exercise.load_tier == entry["at_load_tier"]
    assert exercise.impact == entry["impact"]
    assert exercise.unilateral == (entry["laterality"] == "unilateral")
    assert list(exercise.targets) == entry["targets"]
    assert list(exercise.progresses_to) == entry["progresses_to"]
    assert list(exercise.regresses_to) == entry["regresses_to"]
    assert list(exercise.sources) == [RENAMED.get(source, source) for source in entry["sources"]]
    assert set(entry["contraindications"]) <= set(exercise.contraindications), "none may be dropped"


@needs_evidence
def test_no_sentence_is_copied() -> None:
    theirs = {
        sentence
        for entry in evidence().values()
        for sentence in sentences(*entry["cues"], entry["evidence"], entry["position"], entry.get("notes", ""))
    }
    theirs |= set(sentences(*document()["contraindication_codes"].values()))
    ours = {
        sentence
        for exercise in EXERCISES.values()
        for sentence in sentences(exercise.evidence, *texts(exercise.id).values())
    }
    ours |= set(sentences(*(text for name, text in KB.text.items() if name.startswith("contraindication."))))
    assert theirs & ours == set()

"""Where the pages meet films: reading, measuring, drawing, evidence, words."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from soleus.core.case import Case, Runner, Sex
from soleus.core.errors import PoseBackendError
from soleus.core.gait import GaitReport, HeelRaiseReport, HeelRaiseSet
from soleus.core.ids import MeasureId
from soleus.core.measurement import Side
from soleus.core.recording import Recording
from soleus.core.view import View
from soleus.web.journey.film import store
from soleus.web.journey.film.store import Kept
from soleus.web.journey.work import Cancelled

if TYPE_CHECKING:
    from soleus.clinic.film_evidence import Films
    from soleus.exports.film_drawings import FilmDrawing
    from soleus.web.journey.film.forms import FilmWishes, HandCount
    from soleus.web.journey.state import Check


def _kb() -> Any:
    from soleus.web.journey.adapter import kb

    return kb()


def side_of_slot(slot: str) -> Side:
    return Side(slot.removeprefix("heel_"))


def _sex(runner: Runner) -> str | None:
    """Sex for the reference bands, which exist for two."""
    return runner.sex.value if runner.sex in {Sex.FEMALE, Sex.MALE} else None


# --- one film ----------------------------------------------------------------------------------------------------
def record(
    path: Path,
    slot: str,
    wishes: FilmWishes,
    *,
    progress: Callable[[int, int | None], None],
    cancelled: Callable[[], bool],
) -> Recording:
    """The body points of a film. Raises VideoError, PoseBackendError; Cancelled when `cancelled` says so."""
    from soleus.vision.pipeline import record_clip
    from soleus.vision.video import HEEL_RAISE_LIMITS, Stopped

    try:
        return record_clip(
            path,
            slow_motion=wishes.slow_motion,
            workers=settings.POSE_WORKERS,
            progress=progress,
            cancelled=cancelled,
            limits=HEEL_RAISE_LIMITS if slot in store.HEEL_SLOTS else None,  # no repetition may be cut off
        )
    except Stopped:
        raise Cancelled from None


def measure(
    recording: Recording, slot: str, wishes: FilmWishes, runner: Runner, on: date, earlier: Kept | None
) -> Kept:
    """The report of one film, with its charts while the body points are at hand."""
    if slot in store.HEEL_SLOTS:
        return _measure_heel(recording, slot, wishes, runner, on)
    from soleus.gait.engine import analyse_gait

    before = earlier.result if earlier is not None and isinstance(earlier.result, GaitReport) else None
    report = analyse_gait(
        recording,
        _kb(),
        view=View.BACK if slot == "run_back" else View.SIDE,
        sex=_sex(runner),
        speed_mps=wishes.speed_mps,
        treadmill=wishes.treadmill,
        height_m=runner.height_cm / 100 if runner.height_cm else None,
        previous=before,
        observed_on=on,
    )
    from soleus.exports.gait_document import gait_document

    charts = gait_document(report, _kb(), recording=recording)["charts"]
    return Kept(result=report, on=on, before=before, charts=tuple(charts))


def _measure_heel(recording: Recording, slot: str, wishes: FilmWishes, runner: Runner, on: date) -> Kept:
    from soleus.gait.heel_raise.engine import analyse_heel_raise

    result = analyse_heel_raise(
        recording,
        _kb(),
        side=side_of_slot(slot),
        foot_length_cm=wishes.foot_length_cm,
        body_mass_kg=runner.weight_kg,
        sex=runner.sex,
        age_years=runner.age_years,
    )
    return Kept(result=result, on=on, pain_nrs=wishes.pain_nrs)


def count_by_hand(slot: str, count: HandCount, runner: Runner, on: date) -> Kept:
    """The test counted by the runner."""
    from soleus.gait.heel_raise.engine import manual_set

    result = manual_set(side_of_slot(slot), count.reps, _kb(), sex=runner.sex, age_years=runner.age_years)
    return Kept(result=result, on=on, manual=True, pain_nrs=count.pain_nrs)


def draw(path: Path, recording: Recording, kept: Kept, wishes: FilmWishes) -> bytes:
    """The small film for looking again: the drawn figure alone, or on the film where the runner ticked that."""
    if kept.result.refusals:
        return b""
    from soleus.vision.annotate import annotate_clip

    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        out = Path(folder) / "clip.mp4"
        annotate_clip(path, recording, kept.result, out, background="film" if wishes.keep_picture else "plain")
        return out.read_bytes()


def with_clip(kept: Kept, clip: bytes, wishes: FilmWishes) -> Kept:
    return replace(kept, has_clip=bool(clip), shows_person=bool(clip) and wishes.keep_picture)


# --- the heel-raise test -----------------------------------------------------------------------------------------
def test_pain_limit() -> float:
    """Pain, 0 to 10, above which a self-test is stopped, for every runner: the limit of the strain plans."""
    return float(_kb().plans.value("pain.strain_nrs"))


def heel_report(check: Check) -> HeelRaiseReport | None:
    """Both legs together, where they were tested within the days that a test stays fresh; None before there is any."""
    found = _of_one_time(store.heel_sets(check.id), f"heel_{check.leg}")
    sets = tuple(kept.result for kept in found.values() if isinstance(kept.result, HeelRaiseSet))
    if not sets:
        return None
    from soleus.gait.heel_raise.report import heel_raise_report

    runner = check.runner()
    sore = found.get(f"heel_{check.leg}")
    return heel_raise_report(
        sets,
        _kb(),
        affected=Side(check.leg) if check.leg in {"left", "right"} else None,
        sex=runner.sex,
        age_years=runner.age_years,
        observed_on=(sore or max(found.values(), key=lambda kept: kept.on)).on,
        pain_nrs=sore.pain_nrs if sore is not None else None,
    )


def _of_one_time(found: dict[str, Kept], sore: str) -> dict[str, Kept]:
    """The tests about as old as the one of the sore leg, else as the newest: no leg is set beside one of last year."""
    if not found:
        return found
    about = (found.get(sore) or max(found.values(), key=lambda kept: kept.on)).on
    fresh_days = _kb().plans.value("measure.fresh_days")
    return {slot: kept for slot, kept in found.items() if abs((kept.on - about).days) <= fresh_days}


# --- words and pictures ------------------------------------------------------------------------------------------
def document(report: GaitReport, *, clinical: bool = False) -> dict[str, Any]:
    """The report in words, in the order it is shown."""
    from soleus.exports.gait_document import gait_document

    return dict(gait_document(report, _kb(), clinical=clinical))


def heel_document(report: HeelRaiseReport, *, clinical: bool = False) -> dict[str, Any]:
    from soleus.exports.gait_document import heel_raise_document

    return dict(heel_raise_document(report, _kb(), clinical=clinical))


def guide(name: str) -> tuple[FilmDrawing, ...]:
    """How to film: side | back | heel_raise."""
    from soleus.exports.film_drawings import film_guide

    return film_guide(name, _kb())


def foot_picture(check: str, option: str = "") -> FilmDrawing | None:
    """The drawing of one answer to a foot check, or of the check; None where there is none."""
    from soleus.exports.film_drawings import foot_drawing

    return foot_drawing(check, _kb(), option)


@lru_cache(maxsize=1)
def is_ready() -> bool:
    """Whether this server can read films at all: the extra and the weights of the network are there."""
    if any(find_spec(name) is None for name in ("onnxruntime", "av", "cv2", "scipy")):
        return False
    from soleus.vision.pose.runtime import load_manifest

    try:
        load_manifest()
    except PoseBackendError:
        return False
    return True


# --- evidence and safety -----------------------------------------------------------------------------------------
def films_of(check: Check) -> Films:
    """Everything films, tests and foot checks of this check say."""
    from soleus.clinic.film_evidence import Films

    return Films(gait=store.gait_of(check.id), heel_raise=heel_report(check), foot_checks=check.goals.get("feet") or {})


def case_with_films(check: Check, case: Case) -> Case:
    """The case with what films and tests add to it; the same case when there are none."""
    films = films_of(check)
    if films.gait is None and films.heel_raise is None and not films.foot_checks:
        return case
    from soleus.clinic.film_evidence import with_films

    return with_films(case, films.gait, films.heel_raise, _kb(), foot_checks=films.foot_checks)


def effect_lines(check: Check, on: date) -> list[str]:
    """What films and tests moved in the result, in sentences."""
    films = films_of(check)
    if films.gait is None and films.heel_raise is None and not films.foot_checks:
        return []
    from soleus.clinic.film_evidence import compare_films
    from soleus.exports.film_wording import effect_sentences
    from soleus.web.journey.adapter_training import case_with_training

    effect = compare_films(
        case_with_training(check), films.gait, films.heel_raise, _kb(), on, foot_checks=films.foot_checks
    )
    return list(effect_sentences(effect, _kb()))


def running_allowed(check: Check, on: date) -> str:
    """Whether to run for a film at all: "yes", or "no" while the plan does not let the leg run."""
    from soleus.core.plan import PlanStatus
    from soleus.web.journey import adapter
    from soleus.web.journey.adapter_plan import make_plan

    assessment = adapter.assess(check, on)
    plan = make_plan(check, on, assessment, None)
    if plan.status is not PlanStatus.DRAFT or plan.running is None:
        return "no"
    return "yes" if plan.running.open or plan.running.allowed_now in {"within_pain", "full"} else "no"


def self_test_reasons(check: Check, measure: MeasureId, on: date) -> list[str]:
    """Why a self-test waits, in words; empty = it may be done."""
    from soleus.clinic.self_tests import self_test_barred
    from soleus.exports.gait_wording import say
    from soleus.web.journey import adapter
    from soleus.web.journey.adapter_plan import make_plan
    from soleus.web.journey.planning.goals import goals_of

    assessment = adapter.assess(check, on)
    plan = make_plan(check, on, assessment, None)
    case, goals = adapter.case_of(check), goals_of(check.goals)
    barred = self_test_barred(measure, case, goals, _kb(), on, assessment=assessment, plan=plan)
    return [told for reason in barred if (told := say(_kb(), reason))]

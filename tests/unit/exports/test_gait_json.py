"""Film reports as JSON: the way there and back is exact, and nothing else is taken."""

import json
import math
from dataclasses import replace
from datetime import date

import pytest
from gait_samples import (
    LEFT,
    bare_report,
    compared_report,
    gait_report,
    heel_report,
    heel_set,
    quality,
    refused_heel_report,
    refused_report,
)

from soleus.core.errors import VideoError
from soleus.core.finding import Finding, Origin
from soleus.core.gait import GaitReport
from soleus.core.ids import FindingId
from soleus.exports.gait_json import (
    gait_from_json,
    gait_json,
    heel_raise_from_json,
    heel_raise_json,
    heel_set_from_json,
    heel_set_json,
)


def _through(data: object) -> object:
    return json.loads(json.dumps(data, allow_nan=False))


@pytest.mark.parametrize(
    "report",
    [
        gait_report(quality=quality(cadence_pixels_spm=169.1)),
        gait_report(quality=None),
        refused_report(),
        bare_report(),
    ],
    ids=["measured", "no quality", "refused", "bare"],
)
def test_a_report_comes_back_as_it_was(report: GaitReport) -> None:
    """NaN equals nothing, so these have none."""
    report = replace(report, quality=report.quality and quality(cadence_pixels_spm=169.1))
    assert gait_from_json(_through(gait_json(report))) == report


def test_changes_and_findings_come_back() -> None:
    film = Finding(
        id=FindingId("x"), value=frozenset({"a", "b"}), origin=Origin.CLINICIAN, observed_on=date(2026, 1, 2)
    )
    both = Finding(id=FindingId("x"), value=True, likelihood={"true": 0.8}, parts=(film,))
    numeric = Finding(id=FindingId("y"), value=12)
    report = replace(compared_report(), findings=(both, numeric), quality=None)
    back = gait_from_json(_through(gait_json(report)))
    assert back == report
    assert back.findings[0].value is True
    assert back.changes == report.changes


def test_a_number_that_could_not_be_worked_out_is_null() -> None:
    data = _through(gait_json(gait_report()))
    assert isinstance(data, dict)
    assert data["quality"]["cadence_pixels_spm"] is None
    back = gait_from_json(data)
    assert back.quality is not None
    assert math.isnan(back.quality.cadence_pixels_spm)


def test_heel_raises_come_back() -> None:
    for report in (heel_report(), refused_heel_report(), heel_report(manual=True, measures=())):
        assert heel_raise_from_json(_through(heel_raise_json(report))) == report
    assert heel_set_from_json(_through(heel_set_json(heel_set(LEFT)))) == heel_set(LEFT)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"schema": "other"}, "kind gait/1"),
        ({"view": "above"}, "/view is none of side, back"),
        ({"fps": "sixty"}, "/fps is not a float"),
        ({"fps": True}, "/fps is not a float"),
        ({"metrics": {}}, "/metrics is not a list"),
        ({"quality": []}, "/quality fits none"),
        ({"model": 3}, "/model is not a str"),
        ({"extra": 1}, "has no field 'extra'"),
        ({"refusals": ["x"]}, "/refusals is not a table"),
        ({"findings": [{"id": "x", "value": True, "observed_on": "soon"}]}, "/findings/observed_on"),
        ({"findings": [{"id": "x", "value": True, "likelihood": [1]}]}, "likelihood"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, object], says: str) -> None:
    data = _through(gait_json(gait_report()))
    assert isinstance(data, dict)
    with pytest.raises(VideoError) as caught:
        gait_from_json(data | change, where="last.json")
    assert says in str(caught.value)
    assert "last.json" in str(caught.value)


def test_missing_fields_and_wrong_intervals_are_refused() -> None:
    data = _through(gait_json(gait_report()))
    assert isinstance(data, dict)
    lacking = {key: item for key, item in data.items() if key != "fps"}
    with pytest.raises(VideoError, match="lacks 'fps'"):
        gait_from_json(lacking)
    data["metrics"][0]["measured"]["low"] = 1e9
    with pytest.raises(VideoError, match="measured fits none"):
        gait_from_json(data)
    with pytest.raises(VideoError):
        gait_from_json([1, 2])


def test_a_bomb_of_nested_parts_is_refused() -> None:
    part: dict[str, object] = {"id": "x", "value": True}
    for _ in range(200):
        part = {"id": "x", "value": True, "parts": [part]}
    data = _through(gait_json(gait_report()))
    assert isinstance(data, dict)
    with pytest.raises(VideoError, match="nested too deep"):
        gait_from_json(data | {"findings": [part]})

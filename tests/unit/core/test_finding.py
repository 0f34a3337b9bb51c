"""Merging of evidence."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from soleus.core.finding import Finding, FindingSet, Origin
from soleus.core.ids import FindingId

SWELLING = FindingId("swelling")


def finding(value, origin=Origin.SELF_REPORT, on=None, name="swelling"):
    return Finding(id=FindingId(name), value=value, origin=origin, observed_on=on)


def test_the_clinician_overrules_and_the_conflict_is_kept():
    merged = FindingSet([finding(True, Origin.CLINICIAN), finding(False)])
    assert merged.answer(SWELLING) is True
    (conflict,) = merged.conflicts
    assert conflict.kept.origin is Origin.CLINICIAN
    assert conflict.overruled.value is False


def test_within_an_origin_the_newer_wins():
    old, new = finding(True, on=date(2026, 1, 1)), finding(False, on=date(2026, 1, 2))
    assert FindingSet([new, old]).answer(SWELLING) is False
    assert FindingSet([old, new]).answer(SWELLING) is False


def test_not_knowing_never_erases_an_answer():
    merged = FindingSet([finding(True), finding(None, Origin.CLINICIAN)])
    assert merged.answer(SWELLING) is True
    assert merged.conflicts == ()


def test_agreeing_origins_are_no_conflict():
    merged = FindingSet([finding(True), finding(True, Origin.CLINICIAN)])
    assert merged.conflicts == ()
    assert merged.get(SWELLING).origin is Origin.CLINICIAN


def test_asked_is_not_answered():
    findings = FindingSet([finding(None)])
    assert findings.asked(SWELLING)
    assert findings.answer(SWELLING) is None
    assert findings.answer(FindingId("other")) is None
    assert not findings.asked(FindingId("other"))


def test_replacing_and_leaving_out():
    findings = FindingSet([finding(True, Origin.CLINICIAN), finding(3, name="pain")])
    assert findings.replaced(finding(False)).answer(SWELLING) is False
    assert len(findings.without(SWELLING)) == 1
    assert SWELLING not in findings.without(SWELLING)


def test_sets_compare_by_content():
    one, two = FindingSet([finding(True), finding(1, name="x")]), FindingSet([finding(1, name="x"), finding(True)])
    assert one == two
    assert hash(one) == hash(two)
    assert one != FindingSet()
    assert one != "something"


findings = st.lists(
    st.builds(
        finding,
        st.sampled_from([True, False, None]),
        st.sampled_from(list(Origin)),
        st.sampled_from([None, date(2026, 1, 1), date(2026, 1, 2)]),
        st.sampled_from(["a", "b", "c"]),
    ),
    max_size=8,
)


def test_conflicts_survive_further_evidence():
    merged = FindingSet([finding(False), finding(True, Origin.CLINICIAN)]).merged([finding(3, name="pain")])
    assert len(merged.conflicts) == 1


@given(findings)
def test_merging_is_idempotent(given_findings):
    once = FindingSet(given_findings)
    assert once.merged(once) == once

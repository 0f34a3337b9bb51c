"""The nouns of a recording refuse what would mislead every reader of them."""

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest

from soleus.core.activity import Activity, Sport, Stream


def test_channels_have_the_length_of_the_time_axis():
    with pytest.raises(ValueError, match="channel distance_m has shape"):
        Stream(time_s=np.arange(3.0), channels={"distance_m": np.zeros(2)})


@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=2))])
def test_the_start_is_an_instant_in_utc(zone):
    with pytest.raises(ValueError, match="in UTC"):
        Activity(start_utc=datetime(2026, 5, 1, 7, tzinfo=zone), sport=Sport.RUNNING, format="fit")


@pytest.mark.parametrize(("offset_s", "day"), [(None, 1), (7200, 2), (-7200, 1)])
def test_the_day_is_the_runners_own(offset_s, day):
    late = Activity(
        start_utc=datetime(2026, 5, 1, 23, tzinfo=UTC), sport=Sport.RUNNING, format="fit", utc_offset_s=offset_s
    )
    assert late.day == date(2026, 5, day)

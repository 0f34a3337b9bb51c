"""Files of our own encoder as others read them: Garmin's SDK, fitdecode and fitfast, where they are installed."""

import numpy as np
import pytest
from fit_corpus import CORPUS, run_columns

PLAIN = [
    "plain",
    "big_endian",
    "short_header",
    "interleaved",
    "runscribe",
    "multisport",
    "paused",
]
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize("name", [*PLAIN, "developer_fields"])
def test_garmins_sdk_finds_no_fault(name):
    sdk = pytest.importorskip("garmin_fit_sdk")
    data = CORPUS[name]()
    assert sdk.Decoder(sdk.Stream.from_byte_array(bytearray(data))).check_integrity()
    messages, errors = sdk.Decoder(sdk.Stream.from_byte_array(bytearray(data))).read()
    assert errors == []
    assert messages["record_mesgs"]
    if name == "plain":
        beats = [row["heart_rate"] for row in messages["record_mesgs"]]
        np.testing.assert_array_equal(beats, run_columns(600)[6])
        assert messages["session_mesgs"][0]["total_elapsed_time"] == 600
        assert messages["session_mesgs"][0]["sport"] == "running"


@pytest.mark.parametrize("name", [*PLAIN, "compressed_timestamps"])  # it raises where developer_data_id is absent
def test_fitdecode_reads_as_many_records(name):
    fitdecode = pytest.importorskip("fitdecode")
    with fitdecode.FitReader(CORPUS[name]()) as reader:
        rows = [f for f in reader if f.frame_type == fitdecode.FIT_FRAME_DATA and f.name == "record"]
    from soleus.readers.fit_decode import decode

    assert len(rows) == len(decode(CORPUS[name]()).records)


@pytest.mark.parametrize("name", ["plain", "interleaved", "short_header"])
def test_fitfast_reads_the_same_columns(name):
    fitfast = pytest.importorskip("fitfast")
    from soleus.readers.fit_decode import decode

    theirs, ours = fitfast.records(CORPUS[name](), degrees=False), decode(CORPUS[name]()).records.columns
    for channel in ("timestamp", "heart_rate", "distance", "stance_time", "position_lat"):
        np.testing.assert_allclose(theirs[channel], ours[channel])

"""Settings for every test.

`make test` asks for the profile "repeatable": the same examples every time, so that a build does not fail by chance.
`make nightly` and plain `pytest` look for new ones.
"""

import os

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True)
settings.register_profile("searching")
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "searching"))

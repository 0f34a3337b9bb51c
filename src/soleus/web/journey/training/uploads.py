"""What the page for running files takes."""

from __future__ import annotations

from django.conf import settings

from soleus.web.journey.uploads import Wanted, size_words

FIELD = "files"
KINDS = ".zip,.fit,.gpx,.tcx,.gz,.xml,.csv"


def wanted() -> Wanted:
    """The running files, in one go."""
    return Wanted(
        field=FIELD,
        most_bytes=settings.UPLOAD_MAX_BYTES,
        too_large=too_large,
        none="Choose at least one file, or fill in the table instead",
        no_room="There is no room on this server now. Try again later, or fill in the table",
    )


def too_large(total: float) -> str:
    return (
        f"Choose less at once: this is {size_words(total)}, and we can take {size_words(settings.UPLOAD_MAX_BYTES)}. "
        "The last 6 months are enough"
    )

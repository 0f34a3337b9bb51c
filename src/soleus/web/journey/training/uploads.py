"""Uploaded files, put into a private folder of their own until the job has read them."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from soleus.web.journey.forms import FormError, Mistakes
from soleus.web.journey.training.jobs import busy, uploads_dir

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

NAME_LENGTH = 100
FIELD = "files"
KINDS = ".zip,.fit,.gpx,.tcx,.gz,.xml,.csv"


def size_words(size_bytes: float) -> str:
    """12 MB, 1.5 GB, less than 1 MB."""
    if size_bytes < 1e6:
        return "less than 1 MB"
    if size_bytes < 1e9:
        return f"{size_bytes / 1e6:.0f} MB"
    return f"{size_bytes / 1e9:.1f} GB".replace(".0 ", " ")


def receive(files: Sequence[UploadedFile]) -> tuple[str, tuple[Path, ...]]:
    """The folder's name and the files in it. Raises Mistakes when there is nothing usable; then nothing is left."""
    if busy():
        raise Mistakes(FormError(FIELD, "Many people are sending files now. Try again in a few minutes"))
    if not files:
        raise Mistakes(FormError(FIELD, "Choose at least one file, or fill in the table instead"))
    total = sum(file.size or 0 for file in files)
    if total > settings.UPLOAD_MAX_BYTES:
        raise Mistakes(FormError(FIELD, too_large(total)))
    if total == 0:
        raise Mistakes(FormError(FIELD, "The file is empty. Choose another one"))
    if shutil.disk_usage(uploads_dir()).free < total + settings.UPLOAD_FREE_BYTES:
        raise Mistakes(FormError(FIELD, "There is no room on this server now. Try again later, or fill in the table"))
    folder = uploads_dir() / secrets.token_hex(16)
    folder.mkdir(mode=0o700)
    try:
        return folder.name, tuple(_put(file, folder, number) for number, file in enumerate(files))
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def too_large(total: float) -> str:
    return (
        f"Choose less at once: this is {size_words(total)}, and we can take {size_words(settings.UPLOAD_MAX_BYTES)}. "
        "The last 6 months are enough"
    )


def _put(file: UploadedFile, folder: Path, number: int) -> Path:
    """Move what Django wrote to the disk, or write what it held in memory."""
    place = folder / f"{number:04d}"
    place.mkdir(mode=0o700)
    target = place / _safe_name(file.name or "")
    written = getattr(file, "temporary_file_path", None)
    if written is not None:
        Path(written()).rename(target)
    else:
        with target.open("wb") as out:
            for chunk in file.chunks():
                out.write(chunk)
    return target


def _safe_name(name: str) -> str:
    """The last part of a name, without what could lead elsewhere; its ending is kept."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c if c.isalnum() or c in "._- " else "_" for c in last).strip(" .")
    return kept[-NAME_LENGTH:] or "file"

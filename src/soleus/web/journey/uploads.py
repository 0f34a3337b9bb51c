"""Uploaded files, put into a private folder of their own until a job has read them."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from soleus.web.journey.forms import FormError, Mistakes
from soleus.web.journey.work import uploads_dir

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

NAME_LENGTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a page takes, and its words when that is not what came."""

    field: str
    most_bytes: int
    too_large: Callable[[float], str]
    none: str
    no_room: str
    busy: str = "Many people are sending files now. Try again in a few minutes"


def size_words(size_bytes: float) -> str:
    """12 MB, 1.5 GB, less than 1 MB."""
    if size_bytes < 1e6:
        return "less than 1 MB"
    if size_bytes < 1e9:
        return f"{size_bytes / 1e6:.0f} MB"
    return f"{size_bytes / 1e9:.1f} GB".replace(".0 ", " ")


def receive(files: Sequence[UploadedFile], wanted: Wanted, *, busy: bool) -> tuple[str, tuple[Path, ...]]:
    """The folder's name and the files in it. Raises Mistakes when there is nothing usable; then nothing is left."""
    if busy:
        raise Mistakes(FormError(wanted.field, wanted.busy))
    if not files:
        raise Mistakes(FormError(wanted.field, wanted.none))
    total = sum(file.size or 0 for file in files)
    if total > wanted.most_bytes:
        raise Mistakes(FormError(wanted.field, wanted.too_large(total)))
    if total == 0:
        raise Mistakes(FormError(wanted.field, "The file is empty. Choose another one"))
    if shutil.disk_usage(uploads_dir()).free < total + settings.UPLOAD_FREE_BYTES:
        raise Mistakes(FormError(wanted.field, wanted.no_room))
    folder = uploads_dir() / secrets.token_hex(16)
    folder.mkdir(mode=0o700)
    try:
        return folder.name, tuple(_put(file, folder, number) for number, file in enumerate(files))
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


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

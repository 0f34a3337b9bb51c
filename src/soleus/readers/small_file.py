"""Reading a short file that a person wrote (a case, goals): its bytes, or a clear reason why not."""

from __future__ import annotations

from pathlib import Path

from soleus.core.errors import CaseFileError


def read_small_file(path: Path, *, kind: str, most_bytes: int) -> bytes:
    """The bytes of a "case" or "goals" file of at most `most_bytes`. Raises `CaseFileError`."""
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise CaseFileError("this is not a file", where=str(path), hint=f"Give the path of a {kind} file")
        if size > most_bytes:
            raise CaseFileError(
                f"the file is too large ({size:,} bytes; a {kind} file needs at most {most_bytes:,})",
                where=str(path),
                hint=f"Check that this is a {kind} file and not something else",
            )
        return path.read_bytes()
    except OSError as error:
        raise CaseFileError(
            f"cannot read the file ({error.strerror or type(error).__name__})",
            where=str(path),
            hint="Check the path and its permissions",
        ) from error

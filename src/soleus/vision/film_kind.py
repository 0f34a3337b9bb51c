"""What a file that was handed in as a film really is, told from its first bytes: the message must help its owner.

It also keeps play lists and other formats that name further files or addresses away from the decoder.
"""

from __future__ import annotations

from pathlib import Path

from soleus.core.errors import VideoError

HEAD_BYTES = 4096
DEMUXERS = "mov,matroska,webm,avi,mpegts,mpeg,gif,asf,flv,ogg"
"""Containers that phones, cameras and browsers write. None of them can point to another file."""
ADVICE = "Give a film from a phone or camera (MP4, MOV, WebM)"

_PHOTO_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"avif")
_SOUND_BRANDS = (b"M4A ", b"M4B ", b"M4P ")


def kind_of(head: bytes) -> str:
    """Film container by its first bytes ("mov", "gif", …), or in words what else it is, or "" when nobody knows."""
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in _PHOTO_BRANDS:
            return "a photo"
        return "a sound recording" if brand in _SOUND_BRANDS else "mov"
    if head[4:8] in {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}:
        return "mov"
    if head[:4] == b"RIFF":
        return {b"AVI ": "avi", b"WAVE": "a sound recording", b"WEBP": "a picture"}.get(head[8:12], "")
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head[:1] == b"\x47" and head[188:189] in {b"\x47", b""}:
        return "mpegts"
    return "a text file" if head and _is_text(head) else ""


_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x1aE\xdf\xa3", "matroska"),
    (b"GIF8", "gif"),
    (b"OggS", "ogg"),
    (b"FLV\x01", "flv"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"%PDF", "a PDF document"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x89PNG", "a picture"),
    (b"BM", "a picture"),
    (b"II*\x00", "a picture"),
    (b"MM\x00*", "a picture"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"Rar!", "a compressed archive"),
    (b"7z\xbc\xaf", "a compressed archive"),
    (b"ID3", "a sound recording"),
    (b"\xff\xfb", "a sound recording"),
    (b"\xff\xf1", "a sound recording"),
    (b"#!AMR", "a sound recording"),
    (b"fLaC", "a sound recording"),
    (b"#EXTM3U", "a play list"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
)


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8", errors="strict")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return False
        text = head[: error.start].decode("utf-8")
    return all(sign.isprintable() or sign in "\r\n\t" for sign in text)


def check_file(path: Path, *, max_bytes: int) -> str:
    """Container name of a readable film file; `VideoError` for everything that cannot be one."""
    where = path.name
    try:
        if path.is_dir():
            raise VideoError("this is a folder", where=where, hint=ADVICE)
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except FileNotFoundError:
        raise VideoError("there is no such file", where=where, hint="Check the name and the folder") from None
    except OSError as error:
        hint = "Check that you may read it"
        raise VideoError(f"the file cannot be opened ({error.strerror})", where=where, hint=hint) from None
    if not size:
        raise VideoError("the file is empty", where=where, hint="Copy it from the phone again")
    if size > max_bytes:
        words = f"the file is too large ({size / 1e6:.0f} MB; up to {max_bytes / 1e6:.0f} MB are read)"
        raise VideoError(words, where=where, hint="Cut it to the 20 seconds of steady running, or film in 1080p")
    kind = kind_of(head)
    if " " in kind:
        hint = ADVICE
        if kind == "a photo":
            hint = "The film of a Live Photo is a file of its own (.MOV). " + ADVICE
        raise VideoError(f"this is {kind}, not a film", where=where, hint=hint)
    return kind

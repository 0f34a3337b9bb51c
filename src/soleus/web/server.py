"""Start the server: migrate, clear what has expired, print the address, serve with waitress."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import webbrowser

SPARE_BYTES = 256 * 1024 * 1024
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def serve(*, host: str, port: int, open_browser: bool) -> None:
    """Serve until interrupted."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soleus.web.settings")
    if host not in LOOPBACK and host not in {"0.0.0.0", "::"}:  # noqa: S104
        hosts = os.environ.get("SOLEUS_ALLOWED_HOSTS", "")
        os.environ["SOLEUS_ALLOWED_HOSTS"] = f"{hosts},{host}" if hosts else host
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from waitress import serve as waitress_serve

    from soleus.web.journey import adapter, work
    from soleus.web.journey.film import jobs as film_jobs
    from soleus.web.journey.saved import purge_expired
    from soleus.web.journey.training import jobs
    from soleus.web.wsgi import application

    call_command("migrate", interactive=False, verbosity=0)
    call_command("clearsessions", verbosity=0)
    purge_expired()
    jobs.recover()
    film_jobs.recover()
    work.empty_uploads()
    # The server keeps large requests in a temporary file: in the private folder, not where everybody's lie.
    tempfile.tempdir = str(work.uploads_dir())
    adapter.warm_up()
    shown = f"[{host}]" if ":" in host else ("localhost" if host in LOOPBACK else host)
    address = f"http://{shown}:{port}/"
    sys.stdout.write(f"Soleus is running at {address}  (data: {settings.DATA_DIR}; stop with Ctrl+C)\n")
    if host not in LOOPBACK and not settings.HTTPS:
        sys.stdout.write(
            "Warning: reachable from other machines without encryption. Put a TLS proxy in front and set "
            "SOLEUS_HTTPS=1, SOLEUS_BEHIND_PROXY=1 and SOLEUS_ALLOWED_HOSTS.\n"
        )
    sys.stdout.flush()
    if open_browser:
        threading.Timer(1.0, webbrowser.open, args=(address,)).start()
    proxy = {}
    if os.environ.get("SOLEUS_BEHIND_PROXY") == "1":  # else the rate limit would see one client: the proxy
        proxy = {
            "trusted_proxy": os.environ.get("SOLEUS_TRUSTED_PROXY", "127.0.0.1"),
            "trusted_proxy_headers": "x-forwarded-for x-forwarded-proto",
            "clear_untrusted_proxy_headers": True,
        }
    limits = {"max_request_body_size": settings.UPLOAD_MAX_BYTES + SPARE_BYTES}  # ours is told first, in words
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # end as with Ctrl+C: uploaded files are deleted
    try:
        waitress_serve(application, host=host, port=port, threads=8, ident=None, _quiet=True, **limits, **proxy)
    finally:
        work.stop_all()
        jobs.recover()
        film_jobs.recover()
        work.empty_uploads()

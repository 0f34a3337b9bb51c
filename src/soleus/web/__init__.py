"""The web app: the runner's journey without account, without JavaScript, without third parties."""

from __future__ import annotations


def serve(host: str = "127.0.0.1", port: int = 8000, open_browser: bool = False) -> None:
    """Create or upgrade the database, then serve until interrupted."""
    from soleus.web.server import serve as run_server

    run_server(host=host, port=port, open_browser=open_browser)

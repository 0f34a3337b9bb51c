"""`soleus serve`."""

from __future__ import annotations

import argparse

from soleus.core.errors import BackendError


def run(arguments: argparse.Namespace) -> int:
    """Create the database if need be and serve the web app until stopped."""
    try:
        from soleus.web import serve
    except ModuleNotFoundError as error:
        raise BackendError(
            f"the web app needs {error.name}", hint="Install it with: pip install 'soleus[web]'"
        ) from error
    serve(host=arguments.host, port=arguments.port)
    return 0

"""`python -m soleus.web`: serve on localhost."""

from __future__ import annotations

import argparse

from soleus.web import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m soleus.web", description="Serve the Soleus web app.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--open", action="store_true", help="open a browser window")
    options = parser.parse_args()
    serve(options.host, options.port, open_browser=options.open)


if __name__ == "__main__":
    main()

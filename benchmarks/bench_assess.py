"""North star: one whole assessment; plus loading the knowledge, importing, and the command's start.

Every figure is measured in this run; ratios, not absolute times, are what to compare between machines.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]


def milliseconds(action: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Median and fastest of `repeats` runs, in ms."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times), min(times)


def command(*arguments: str) -> Callable[[], object]:
    return lambda: subprocess.run(arguments, check=True, capture_output=True, timeout=60)


def main() -> None:
    import soleus

    rows = []
    start = time.perf_counter()
    kb = soleus.load_knowledge()
    rows.append(("load the knowledge base (once)", 1000 * (time.perf_counter() - start), None))
    cases = [soleus.read_case(path, kb) for path in sorted((ROOT / "examples").glob("*.yaml"))]
    start = time.perf_counter()
    soleus.assess(cases[0], kb, today=date(2026, 1, 1))
    rows.append(("first assess() (compiles the network)", 1000 * (time.perf_counter() - start), None))
    median, fastest = milliseconds(lambda: [soleus.assess(c, kb, today=date(2026, 1, 1)) for c in cases], 7)
    rows.append((f"assess(), mean over {len(cases)} cases", median / len(cases), fastest / len(cases)))
    python = sys.executable
    baseline = milliseconds(command(python, "-c", "pass"), 9)
    rows.append(("python -c pass", *baseline))
    rows.append(("python -c 'import soleus'", *milliseconds(command(python, "-c", "import soleus"), 9)))
    rows.append(("soleus --help", *milliseconds(command(str(Path(python).with_name("soleus")), "--help"), 9)))
    case = str(ROOT / "examples" / "tennis_leg.yaml")
    rows.append(
        ("soleus assess tennis_leg", *milliseconds(command(str(Path(python).with_name("soleus")), "assess", case), 5))
    )
    print(f"{'':<42}{'median ms':>12}{'fastest ms':>12}")
    for name, median, fastest in rows:
        print(f"{name:<42}{median:>12.1f}{'' if fastest is None else f'{fastest:>12.1f}'}")


if __name__ == "__main__":
    main()

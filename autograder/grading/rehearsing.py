"""The process of `autograder check`: runs a notebook's cells and then its public tests, on the student's own machine.

It reads one job, a JSON file {cells: [(number, source)], tests: [(question, source)], imports}, and appends lines of
JSON to another, so that nothing that the notebook prints gets in between:

    {"versions": {…}, "missing": [module]}
    {"cell": n}                     about to run         {"failed": {ran, name, message, cell, line, source}}
    {"checking": question}          about to be tested   {"checked": …}
    {"finished": true}

Started with -P: the notebook's folder comes to the import path only after our own imports, as a file there may be
called numpy.py.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import platform
import sys
from pathlib import Path
from typing import Any, TextIO

from autograder import __version__
from autograder.grading.publictests import run_public_tests
from autograder.sandbox.shell import warm_shell


def main() -> None:
    """Entry point of the process."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with Path(sys.argv[2]).open("a", encoding="utf-8") as results:
        sys.argv[:] = [""]  # as in a kernel, nothing of ours
        rehearse(job, results)


def rehearse(job: dict[str, Any], results: TextIO) -> None:
    """Run the job and tell what happened."""
    sys.path.insert(0, "")
    missing = [name for name in job["imports"] if not _installed(name)]
    _tell(results, versions=_versions(), missing=missing)
    shell = warm_shell(plots=False)
    for number, source in job["cells"]:
        _tell(results, cell=number)
        error = shell.run(number, source).error
        if error is not None:
            told = {key: error[key] for key in ("name", "message", "cell", "line", "source")}
            _tell(results, failed={**told, "ran": number})
    for question, source in job["tests"]:
        _tell(results, checking=question)
        _tell(results, checked=run_public_tests(shell.user_ns, question, source).to_json())
    _tell(results, finished=True)


def _tell(results: TextIO, **facts: Any) -> None:
    results.write(json.dumps(facts) + "\n")
    results.flush()


def _installed(module: str) -> bool:
    try:
        return module in sys.modules or importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # a module without a spec
        return False


def _versions() -> dict[str, str | None]:
    found: dict[str, str | None] = {"python": platform.python_version(), "autograder": __version__}
    for name in ("numpy", "torch"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    return found


if __name__ == "__main__":
    main()

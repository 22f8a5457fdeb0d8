"""Grade the honest set below a folder and print the complaints of each notebook, and the tier, as one JSON object.

A test runs this as an ordinary user, with a Python of that user's own.
"""

import json
import sys
from pathlib import Path

from autograder.errors import FenceError
from autograder.grading.workshop import Workshop

from .classroom import JOBS, complaints, grade_all, write_course


def main() -> None:
    """Entry point."""
    folder = Path(sys.argv[1])
    with Workshop(write_course(folder / "course"), jobs=JOBS, seed=5) as workshop:
        try:
            workshop.warm_up()
        except FenceError as error:
            print(json.dumps({"fault": str(error)}))
            return
        graded = grade_all(workshop, folder)
        print(
            json.dumps({"tier": workshop.tier, "complaints": {name: complaints(one) for name, one in graded.items()}})
        )


main()

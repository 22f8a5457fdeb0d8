"""Attacks 26 to 30: what is handed in is no notebook, is one that breaks its reader, or lies about itself.

No rule of the fence is involved: nothing of these files is run, unpacked or followed before intake has taken its cells.
"""

from __future__ import annotations

import copy
import functools
import io
import json
import os
import pickle
import socket
import stat
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from autograder.dispatch.collect import collect
from autograder.dispatch.digest import digest_of
from autograder.notebook import to_bytes
from autograder.results import Outcome

from .controls import Dead
from .course import RIGHT_VAULT, WRONG_VAULT
from .ground import MARK, Ground, Seen
from .harness import Attack

NOBODY = "the controller opens plain files only and hands them on as opaque descriptors"
OPENED = "archives are recognised by their first bytes and never opened"
READ = "intake has caps, and a process with limits of its own"
SMALL = 4096
UNFOLDED = 64 * 2**20


def rejected(ground: Ground, attack: Attack, seen: Seen) -> None:
    """It was rejected, with a sentence that fits on a page and says what to do."""
    assert seen.graded is not None
    report = seen.graded.grading.report
    assert report.outcome is Outcome.REJECTED, report.outcome
    assert report.points is None
    reason = report.reason or ""
    assert reason.isprintable(), ascii(reason)
    assert reason.endswith("."), reason
    assert any(word in reason.lower() for word in ("submit", "hand in", "hand it in", "delete")), reason


def gathered(ground: Ground, make: Callable[[Path], object], student: str = "mallory") -> Seen:
    """What becomes of the submission that `make` puts into an empty folder of a class."""
    with tempfile.TemporaryDirectory(prefix="autograder-redteam-") as name:
        folder = Path(name)
        make(folder)
        found = {one.student: one for one in collect([folder], ground.assignment, roster=ground.course.roster)}
        one = found[student]
        return ground.seen(ground.workshop.grade(one, digest_of(one.files)))


# ---- 26: what is no plain file


def _into(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _device(path: Path) -> None:
    os.mknod(_into(path), stat.S_IFCHR | 0o666, os.makedev(1, 5)) if os.geteuid() == 0 else os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(_into(path)))


def odd_file(ground: Ground, attack: Attack, variant: str) -> Seen:
    """Something that leads elsewhere, or that never ends, in the place of a notebook."""
    solution = ground.assignment.solution / "master.py"
    makers: dict[str, Callable[[Path], object]] = {
        "link": lambda folder: (folder / "mallory.ipynb").symlink_to(solution),
        "link in a folder": lambda folder: _into(folder / "mallory" / "vault.ipynb").symlink_to(solution),
        "link to a folder": lambda folder: _into(folder / "mallory" / "work").symlink_to(solution.parent),
        "link to a neighbour": lambda folder: (folder / "mallory.ipynb").symlink_to(
            ground.root / "submissions" / "neighbour.ipynb"
        ),
        "dangling link": lambda folder: (folder / "mallory.ipynb").symlink_to("nowhere"),
        "link to itself": lambda folder: (folder / "mallory.ipynb").symlink_to("mallory.ipynb"),
        "endless device": lambda folder: (folder / "mallory.ipynb").symlink_to("/dev/zero"),
        "pipe": lambda folder: os.mkfifo(folder / "mallory.ipynb"),
        "device": lambda folder: _device(folder / "mallory.ipynb"),
        "socket": lambda folder: _socket(folder / "mallory.ipynb"),
        "empty folder": lambda folder: (folder / "mallory.ipynb").mkdir(),
    }
    return gathered(ground, makers[variant])


def follow(ground: Ground, attack: Attack) -> list[str]:
    """A reader that opens whatever is called a notebook gets the solution and the neighbour's work."""
    got = []
    for target in (ground.assignment.solution / "master.py", ground.root / "submissions" / "neighbour.ipynb"):
        with tempfile.TemporaryDirectory(prefix="autograder-redteam-") as name:
            path = Path(name, "mallory.ipynb")
            path.symlink_to(target)
            got += ground.planted_in(path.read_text())
    if len(got) < 2:
        raise Dead(f"a reader that follows links found only {got}")
    return got


# ---- 26 and 27: archives

NAMES = ("../escaped", f"/tmp/{MARK}-absolute", "sub/../../escaped-too", "new\nline", "-rf", "Case", "case")


def tar(mode: str = "w:") -> bytes:
    """A tape with every trick of names and kinds that has broken somebody's unpacking."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as file:  # type: ignore[call-overload]
        for name in NAMES:
            _add(file, name)
        _add(file, "door", kind=tarfile.SYMTYPE, link="..")
        _add(file, "door/through-a-link")
        _add(file, "hard", kind=tarfile.LNKTYPE, link="../outside")
        _add(file, "device", kind=tarfile.CHRTYPE)
        _add(file, "pipe", kind=tarfile.FIFOTYPE)
    return buffer.getvalue()


def _add(file: tarfile.TarFile, name: str, *, kind: bytes = tarfile.REGTYPE, link: str = "") -> None:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    info.size = len(MARK) if kind == tarfile.REGTYPE else 0
    file.addfile(info, io.BytesIO(MARK.encode()) if info.size else None)


def zipped() -> bytes:
    """The same names in a zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in NAMES:
            file.writestr(name, MARK)
    return buffer.getvalue()


def bomb(depth: int = 0) -> bytes:
    """A zip archive that unfolds to a thousand times its size; or archives in archives, `depth` deep."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(4):
            file.writestr(f"{number}", bomb(depth - 1) if depth else bytes(UNFOLDED // 4))
    return buffer.getvalue()


def crowd(entries: int = 50_000) -> bytes:
    """A zip archive of very many files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for number in range(entries):
            file.writestr(zipfile.ZipInfo(f"{number}"), b"")
    return buffer.getvalue()


def overlapping(times: int = 500) -> bytes:
    """A zip archive whose directory names one body many times."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a", bytes(2**20))
        file.filelist *= times
        file._didModify = True  # type: ignore[attr-defined]
    return buffer.getvalue()


ARCHIVES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "tar": ("mallory.tar", tar),
    "tar.gz": ("mallory.tar.gz", functools.partial(tar, "w:gz")),
    "tar.xz in a folder": ("mallory/homework.tar.xz", functools.partial(tar, "w:xz")),
    "tar called a notebook": ("mallory.ipynb", tar),
    "tar.bz2 called a notebook": ("mallory.ipynb", functools.partial(tar, "w:bz2")),
    "zip": ("mallory.zip", zipped),
    "zip in a folder": ("mallory/deep/er/work.zip", zipped),
    "zip called a notebook": ("mallory/vault.ipynb", zipped),
}
BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "bomb": ("mallory.zip", bomb),
    "nested bomb": ("mallory.zip", functools.partial(bomb, 2)),
    "bomb called a notebook": ("mallory.ipynb", bomb),
    "very many entries": ("mallory.zip", crowd),
    "overlapping entries": ("mallory/vault.ipynb", overlapping),
}


def archive(ground: Ground, attack: Attack, variant: str) -> Seen:
    """An archive in the place of a notebook."""
    name, make = {**ARCHIVES, **BOMBS}[variant]
    return gathered(ground, lambda folder: _into(folder / name).write_bytes(make()))


def unpackable(ground: Ground, attack: Attack, seen: Seen) -> None:
    """The reason says that it is an archive, and what to do with it."""
    rejected(ground, attack, seen)
    assert seen.graded is not None
    assert "archive, not a notebook. Unpack it" in str(seen.graded.grading.report.reason)


def unpack(ground: Ground, attack: Attack) -> list[str]:
    """A trusting program that unpacks the same archives writes outside its folder."""
    with tempfile.TemporaryDirectory(prefix="autograder-redteam-") as name:
        outer = Path(name)
        inner = outer / "inner"
        inner.mkdir()
        _unpack_tar(inner)
        _unpack_zip(inner)
        escaped = sorted(path.name for path in outer.iterdir() if path != inner)
    if len(escaped) < 3:
        raise Dead(f"only these got out of the folder: {escaped}")
    return escaped


def _unpack_tar(folder: Path) -> None:
    (folder / "sub").mkdir()
    with tarfile.open(fileobj=io.BytesIO(tar())) as file:
        file.extraction_filter = getattr(tarfile, "fully_trusted_filter", None)  # as all Pythons did before 3.14
        for member in file:
            if member.name.startswith(("../", "sub/", "door")):
                file.extract(member, folder)


def _unpack_zip(folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(zipped())) as file:
        for info in file.infolist():
            if info.filename == "../escaped":
                (folder / info.filename).with_name("zipped").write_bytes(file.read(info))


def unfold(ground: Ground, attack: Attack) -> list[str]:
    """A trusting reader gets a thousand times what it was sent, or a thousand times the same."""
    got = []
    for variant, (_, make) in BOMBS.items():
        data = make()
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            names = file.infolist()
            size = sum(info.file_size for info in names)
        if size > 100 * len(data) or len(names) > 10_000:
            got.append(f"{variant}: {len(data):,} bytes, {len(names):,} files of {size:,} bytes")
    if len(got) < len(BOMBS) - 1:  # a nested one shows its size only when unfolded again
        raise Dead(f"only these unfold: {got}")
    return got


# ---- 28: notebooks that break their readers


def book(**changes: Any) -> dict[str, Any]:
    """A small notebook with some of its fields replaced."""
    cell = {"cell_type": "code", "metadata": {}, "source": RIGHT_VAULT, "outputs": [], "execution_count": None}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell], **changes}


BROKEN: dict[str, Callable[[], bytes]] = {
    "huge": lambda: b'{"cells": [' + b" " * (21 * 2**20) + b"]}",
    "deep": lambda: b'{"cells": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "deep objects": lambda: b'{"a":' * 200_000,
    "wrong types": lambda: to_bytes(book(cells={"0": 1})),
    "cells of numbers": lambda: to_bytes(book(cells=[1, None, []])),
    "source of objects": lambda: to_bytes(book(cells=[{"cell_type": "code", "source": [{}]}])),
    "nbformat 99": lambda: to_bytes(book(nbformat=99)),
    "nbformat 3 in pieces": lambda: to_bytes(book(nbformat=3, worksheets=[{"cells": 5}])),
    "nbformat of text": lambda: json.dumps({"nbformat": "4" * 10_000, "metadata": {}}).encode(),
    "bad UTF-8": lambda: to_bytes(book()).replace(b"def", b"d\xffef"),
    "half of UTF-16": lambda: b"\xff\xfe" + "{}".encode("utf-16-le") + b"\x00",
    "very many cells": lambda: to_bytes(book(cells=book()["cells"] * 100_000)),
    "doubled keys": lambda: b'{"nbformat": 4, "cells": [], "cells": ' + json.dumps(book()["cells"]).encode() + b"}",
    "doubled source": lambda: to_bytes(book()).replace(b'"source"', b'"source": "x", "source"'),
    "a number without end": lambda: b'{"nbformat": ' + b"9" * 100_000 + b"}",
    "nothing but quotes": lambda: b'{"' + b'\\"' * 5_000_000,
    "pickle": lambda: pickle.dumps(book()),
}


def broken(ground: Ground, attack: Attack, variant: str) -> Seen:
    """A file that should be a notebook."""
    return ground.graded("mallory", BROKEN[variant]())


def swallow(ground: Ground, attack: Attack) -> list[str]:
    """A plain reader raises whatever it likes, or takes what it should not."""
    got = []
    for variant, make in BROKEN.items():
        try:
            cells = json.loads(make())["cells"]
            got.append(f"{variant}: took {len(cells):,} cells without a word")
        except Exception as error:
            got.append(f"{variant}: {type(error).__name__}")
    if len({text.split(": ")[1] for text in got}) < 5:
        raise Dead(f"a plain reader met too little: {got}")
    return got


# ---- 29: forged metadata

GENEROUS = {"grade": True, "points": 1000, "locked": True, "solution": False, "schema_version": 3, "task": False}


def forged(ground: Ground, attack: Attack, variant: str) -> Seen:
    """A wrong notebook that claims to be worth more."""
    notebook = ground.notebook(WRONG_VAULT)
    cells = notebook["cells"]
    answer = next(cell for cell in cells if cell["id"] == "vault-answer-1")
    if variant == "points":
        for cell in cells:
            cell["metadata"] = {"nbgrader": {**GENEROUS, "grade_id": cell["id"]}, "points": 1000, "score": 1000}
    elif variant == "roles":
        for cell in cells:
            cell["metadata"] = {
                "nbgrader": {**GENEROUS, "grade_id": "till-answer-1"},
                "autograder": {"question": "till"},
            }
    elif variant == "verdicts":
        notebook["metadata"] |= {
            "autograder": {**notebook["metadata"]["autograder"], "points": 99, "verdict": "passed"}
        }
        notebook["metadata"] |= {"tests": [], "results": {"test_number": "passed"}, "max_points": 1}
    elif variant == "doubled cells":
        cells += [copy.deepcopy(answer) for _ in range(20)]
        cells += [{**copy.deepcopy(answer), "metadata": {"nbgrader": {**GENEROUS, "grade_id": "vault-check"}}}]
    elif variant == "deleted cells":
        notebook["cells"] = [cell for cell in cells if cell["id"].endswith("-answer-1") or cell["id"] == cells[1]["id"]]
    elif variant == "tests of its own":
        source = "import autograder\ndef test_number(student):\n    assert True\ncheck = lambda *a: 'passed'"
        cells += [{**copy.deepcopy(answer), "id": "own", "source": source, "metadata": {"nbgrader": dict(GENEROUS)}}]
    elif variant == "ids":
        for cell in cells:
            cell["metadata"] = {"nbgrader": {"grade_id": ["x"], "points": {"a": 1}}, "id": 5, "autograder": [1]}
    return ground.graded("mallory", notebook)


def unmoved(ground: Ground, attack: Attack, seen: Seen) -> None:
    """The sum is that of the course's own points."""
    assert seen.graded is not None
    report = seen.graded.grading.report
    assert (report.points, report.max_points) == (Decimal(2), ground.assignment.max_points)


def believe(ground: Ground, attack: Attack) -> list[str]:
    """A grader that reads points out of the notebook it was handed gives what it is told to."""
    notebook = ground.notebook(WRONG_VAULT)
    for cell in notebook["cells"]:
        cell["metadata"] = {"nbgrader": {**GENEROUS, "grade_id": cell["id"]}}
    claims = [cell["metadata"]["nbgrader"] for cell in json.loads(to_bytes(notebook))["cells"]]
    points = sum(claim["points"] for claim in claims if claim["grade"])
    if points <= ground.assignment.max_points:
        raise Dead(f"it gave {points} points")
    return [f"{points} points"]


# ---- 30: artefacts that act when they are read


class Evil:
    """Writes a file when it is unpickled."""

    def __init__(self, mark: str) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f": > '{self.mark}'",)


def artefacts(folder: Path, mark: Path) -> dict[str, Path]:
    """What lies beside the notebook, by the call that would read it."""
    data = pickle.dumps(Evil(str(mark)))
    made = {}
    for call, name in (("pickle", "model.pkl"), ("pickle", "model.joblib"), ("pickle", "vault.pickle")):
        made[f"{call} {name}"] = folder / name
        (folder / name).write_bytes(data)
    with (folder / "weights.npy").open("wb") as file:
        np.lib.format.write_array(file, np.array([Evil(str(mark))], dtype=object), allow_pickle=True)
    made["numpy weights.npy"] = folder / "weights.npy"
    with zipfile.ZipFile(folder / "model.pt", "w") as file_of_torch:
        file_of_torch.writestr("model/data.pkl", data)
        file_of_torch.writestr("model/version", b"3")
    made["torch model.pt"] = folder / "model.pt"
    for name in ("conftest.py", "sitecustomize.py", "usercustomize.py", "numpy.py", "pytest.py", "evil.pth"):
        (folder / name).write_text(f"import os; os.system(\": > '{mark}'\")\n")
    return made


@contextmanager
def trapped() -> Iterator[tuple[Path, Path]]:
    """A folder for a class, and the file whose existence says that something was read."""
    with tempfile.TemporaryDirectory(prefix="autograder-redteam-") as name:
        yield Path(name, "class"), Path(name, f"{MARK}-read")


def beside(ground: Ground, attack: Attack, variant: str) -> Seen:
    """A notebook with files beside it that act when they are read; or such a file in its place."""
    with trapped() as (folder, mark):
        own = folder / "mallory"
        own.mkdir(parents=True)
        artefacts(own, mark)
        if variant == "beside":
            (own / "vault.ipynb").write_bytes(to_bytes(ground.notebook(WRONG_VAULT)))
        else:
            for path in own.iterdir():
                if path.name != variant:
                    path.unlink()
            (own / variant).rename(own / "vault.ipynb")
        (one,) = collect([folder], ground.assignment, roster=ground.course.roster)
        seen = ground.seen(ground.workshop.grade(one, digest_of(one.files)))
        assert not mark.exists(), "an artefact was read"
        return seen


def load(ground: Ground, attack: Attack) -> list[str]:
    """The usual loaders run what stands in these files."""
    loaders = {
        "pickle": "import pickle; pickle.load(open({path!r}, 'rb'))",
        "numpy": "import numpy; numpy.load({path!r}, allow_pickle=True)",
        "torch": "import zipfile, pickle; pickle.loads(zipfile.ZipFile({path!r}).read('model/data.pkl'))",
    }
    got = []
    with trapped() as (folder, mark):
        folder.mkdir()
        for label, path in artefacts(folder, mark).items():
            code = loaders[label.split()[0]].format(path=str(path))
            subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, check=False, timeout=120)
            got += [path.name] if mark.exists() else []
            mark.unlink(missing_ok=True)
        if len(got) < 5:
            raise Dead(f"only these act when they are loaded: {got}")
    return got


def nothing_more(ground: Ground, attack: Attack, seen: Seen) -> None:
    """What is no notebook was rejected as such."""
    if seen.verdicts is None:
        rejected(ground, attack, seen)


ATTACKS = (
    Attack(
        numbers=(26,),
        name="no plain file",
        tried="hand in links to the solution and to a neighbour, pipes, devices and sockets",
        variants=dict.fromkeys(
            (
                "link", "link in a folder", "link to a folder", "link to a neighbour", "dangling link",
                "link to itself", "endless device", "pipe", "device", "socket", "empty folder",
            ),
            (),
        ),
        outcome="rejected with a reason; nothing is followed or waited for",
        why=NOBODY,
        hand_in=odd_file,
        check=rejected,
        control=follow,
    ),
    Attack(
        numbers=(26,),
        name="archives that break out",
        tried="hand in archives with ../, absolute names, links to write through, devices, odd names",
        variants=dict.fromkeys(ARCHIVES, ()),
        outcome="rejected unopened: unpack it, and hand in the notebook",
        why=OPENED,
        hand_in=archive,
        check=unpackable,
        control=unpack,
    ),
    Attack(
        numbers=(27,),
        name="archives that unfold",
        tried="hand in zip bombs, nested ones, very many entries, entries that overlap",
        variants=dict.fromkeys(BOMBS, ()),
        outcome="rejected unopened: unpack it, and hand in the notebook",
        why=OPENED,
        hand_in=archive,
        check=unpackable,
        control=unfold,
    ),
    Attack(
        numbers=(28,),
        name="broken notebooks",
        tried="hand in JSON that is huge, deep, doubled, of wrong types, of no version, of no encoding",
        variants=dict.fromkeys(BROKEN, ()),
        outcome="rejected with a sentence that says what to do",
        why=READ,
        hand_in=broken,
        check=rejected,
        control=swallow,
    ),
    Attack(
        numbers=(29,),
        name="forged metadata",
        tried="claim points, roles, verdicts and ids in a notebook's metadata; double and delete cells",
        variants=dict.fromkeys(
            ("points", "roles", "verdicts", "doubled cells", "deleted cells", "tests of its own", "ids"), ()
        ),
        outcome="graded as what it is: the released notebook decides what a cell is and what it counts",
        why="metadata of a submission are hints for matching and nothing else",
        hand_in=forged,
        check=unmoved,
        control=believe,
    ),
    Attack(
        numbers=(30,),
        name="artefacts that act",
        tried="hand in pickles, arrays, models and Python files that run code when they are read or imported",
        variants=dict.fromkeys(("beside", "model.pkl", "model.joblib", "weights.npy", "model.pt", "evil.pth"), ()),
        outcome="only the notebook is opened, as text",
        why="nothing but notebooks is collected, and nothing is ever unpickled",
        hand_in=beside,
        check=nothing_more,
        control=load,
    ),
)  # fmt: skip

"""The read-only system that student code lives in.

Built once by the zygote, before any student, in a mount namespace of its own:

    tmpfs /                      parents of everything below, enterable by any uid, then read-only
    /usr /bin /lib* /sbin        bound from the host, read-only
    interpreter and site-packages  bound at the same paths (they may lie below a 0700 home: a bind needs no path to it)
    our own package, .pth, …     covered by empty read-only mounts: the zygote has imported what it needs
    /etc                         a few files, and a passwd with one user
    /dev                         null zero full random urandom, fd links, shm
    /proc                        the zygote's; each student mounts its own over it
    /scratch                     empty; each student mounts its own capped tmpfs there, also seen as /tmp and /dev/shm
    /.course                     the assignment's public files, copied to each student's working folder

`/tmp` or a cluster's `/scratch` may hold the interpreter itself (a virtual environment in a temporary folder). What
lies below a place that a student mounts over is bound a second time under `/.keep`, and each student binds it back.
"""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from autograder.sandbox import libc
from autograder.sandbox.rules import Rule

if TYPE_CHECKING:
    from autograder.sandbox.cards import Card

SCRATCH = "/scratch"
WORK = "/scratch/work"
COURSE = "/.course"
_KEEP = "/.keep"
_MOUNTED_OVER = ("/tmp/", "/dev/shm/", f"{SCRATCH}/")
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
ETC = (
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "alternatives",
    "localtime",
    "fonts",
    "mime.types",
    "ssl/openssl.cnf",
)
CPU = "/sys/devices/system/cpu"  # torch's cpuinfo reads it and warns where it is missing
_DEVICES = ("null", "zero", "full", "random", "urandom")
_READ_ONLY = libc.MS_RDONLY | libc.MS_NOSUID | libc.MS_NODEV
_USER = 1000
_ROOT_SIZE = 64 * 2**20


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """What the image shows (`binds`), what it hides below that (`covers`) and where the course's public files are."""

    binds: tuple[str, ...]
    covers: tuple[str, ...]
    files: tuple[tuple[str, str], ...]  # (name in the working folder, path on the host)
    devices: tuple[str, ...] = ()  # nodes beside those that everybody gets

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ImagePlan:
        return cls(
            binds=tuple(data["binds"]),
            covers=tuple(data["covers"]),
            files=tuple((name, path) for name, path in data["files"]),
            devices=tuple(data["devices"]),
        )


def plan_image(files: dict[str, Path], secrets: tuple[Path, ...], card: Card | None = None) -> ImagePlan:
    """The image for this interpreter: its folders shown; our package and `secrets` hidden where they lie inside.

    With a `card` also what its driver needs of the system.
    """
    paths = sysconfig.get_paths()
    folders = {sys.prefix, sys.base_prefix, sys.exec_prefix, paths["stdlib"], paths["platstdlib"]}
    folders |= library_folders()
    real = {os.path.realpath(folder) for folder in folders if Path(folder).is_dir()}
    system = {*_SYSTEM, *(card.folders + card.libraries if card is not None else ())}
    binds = _outermost(real | {folder for folder in folders if Path(folder).is_dir()} | system)
    package = Path(__file__).resolve().parents[1]
    hidden = [package, *secrets]
    for site in sorted({paths["purelib"], paths["platlib"]}):
        hidden += Path(site).glob("*autograder*")
        hidden += Path(site).glob("__pycache__/__editable__*autograder*")
    hidden += Path(paths["scripts"]).glob("autograder*")
    covers = tuple(sorted(_seen_as(binds, {os.path.realpath(path) for path in hidden if path.exists()})))
    own = tuple((name, str(path)) for name, path in sorted(files.items()))
    return ImagePlan(binds, covers, own, card.nodes if card is not None else ())


def library_folders() -> set[str]:
    """Where libraries are installed that student code can import: no folder that only this process has on its path."""
    paths = sysconfig.get_paths()
    installed = {entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))}
    return {paths["purelib"], paths["platlib"], *installed}


def _seen_as(binds: tuple[str, ...], hidden: set[str]) -> Iterator[str]:
    """Every path by which the image would show what is hidden: links to one folder may be binds of their own."""
    for bind in binds:
        if not Path(bind).is_symlink():  # made again as a link: it leads to another bind
            real = os.path.realpath(bind)
            yield from (bind + path.removeprefix(real) for path in hidden if _inside(path, (real,)))


def _outermost(folders: set[str]) -> tuple[str, ...]:
    """The folders without those that lie inside another (links stay: they are made again as links)."""
    plain = sorted(folder for folder in folders if Path(folder).exists())
    return tuple(f for f in plain if Path(f).is_symlink() or not _inside(f, [o for o in plain if o != f]))


def _inside(path: str, folders: tuple[str, ...] | list[str]) -> bool:
    return any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)


def build_image(plan: ImagePlan, rules: frozenset[Rule]) -> None:
    """Build the image and make it this process's root. Needs the right to mount: root, or a user namespace of its
    own."""
    libc.mount("none", "/", None, libc.MS_REC | libc.MS_PRIVATE)
    os.umask(0o022)  # the operator's may be 077, and students are somebody else
    root = "/tmp"  # any folder that exists; what it holds is reached by its binds through the old root's descriptors
    contents = {name: Path(path).read_bytes() for name, path in plan.files}
    sources = _open_sources(plan)
    old_proc = os.open("/proc", os.O_PATH | os.O_DIRECTORY)
    size = _ROOT_SIZE + sum(map(len, contents.values()))
    libc.mount("tmpfs", root, "tmpfs", libc.MS_NOSUID | libc.MS_NODEV, f"mode=0755,size={size}")
    _make_folders(root, plan)
    if Rule.MOUNTS not in rules:
        libc.mount("tmpfs", root + SCRATCH, "tmpfs", libc.MS_NOSUID | libc.MS_NODEV, "mode=0755")
        Path(root + WORK).mkdir()
        Path(root + WORK).chmod(0o777)  # one for all students
    for source in sources:
        _bind(root, source, writable=Rule.READ_ONLY not in rules)
    for path in plan.covers if Rule.COVERS in rules else ():
        _cover(root, root + path)
        for bind in plan.binds:
            if bind.startswith(_MOUNTED_OVER) and _inside(path, (bind,)):
                _cover(root, root + _keep(bind) + path.removeprefix(bind))
    _write_etc(root)
    for name, data in contents.items():
        target = Path(root + COURSE, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        target.chmod(0o444)
    _bind_proc(old_proc, root + "/proc")
    for source in sources:
        os.close(source.descriptor)
    os.close(old_proc)
    os.chdir(root)
    libc.pivot_root(".", ".")  # the old root is stacked on the new one and detached at once
    libc.unmount(".")
    os.chdir("/")


def _bind_proc(old_proc: int, target: str) -> None:
    """Bind proc without what a container's runtime has mounted over parts of it: with that, the kernel refuses each
    student's own. Who has no right to take it off, in a user namespace of his own, keeps it."""
    source = f"/proc/self/fd/{old_proc}"
    try:
        libc.mount(source, target, None, libc.MS_BIND)
    except OSError:
        libc.mount(source, target, None, libc.MS_BIND | libc.MS_REC)


def seal_image() -> None:
    """Make the image's own tmpfs read-only, once the zygote has warmed up in it."""
    libc.mount("none", "/", None, libc.MS_REMOUNT | libc.MS_BIND | _READ_ONLY)


@dataclass(frozen=True, slots=True)
class _Source:
    """A host path, held open: the image is built on top of a folder that may hide it."""

    path: str
    descriptor: int
    folder: bool
    link: str | None


def _open_sources(plan: ImagePlan) -> list[_Source]:
    wanted = [*plan.binds, CPU, *(f"/etc/{name}" for name in ETC), *(f"/dev/{name}" for name in _DEVICES)]
    wanted += plan.devices
    sources = []
    for path in sorted(filter(os.path.exists, wanted)):
        link = str(Path(path).readlink()) if Path(path).is_symlink() else None
        sources.append(_Source(path, os.open(path, os.O_PATH), Path(path).is_dir(), link))
    return sources


def _make_folders(root: str, plan: ImagePlan) -> None:
    for folder in ("proc", "tmp", "dev/shm", "etc", "scratch", "var", "run", "sys", "home", "root"):
        Path(root, folder).mkdir(parents=True)
    for folder in (COURSE, _KEEP):
        Path(root + folder).mkdir()
    if not any(bind.startswith("/var/tmp/") for bind in plan.binds):
        Path(root, "var/tmp").symlink_to("/tmp")
    for link, target in (("dev/fd", "/proc/self/fd"), ("dev/stdin", "/proc/self/fd/0")):
        Path(root, link).symlink_to(target)
    for link, target in (("dev/stdout", "/proc/self/fd/1"), ("dev/stderr", "/proc/self/fd/2")):
        Path(root, link).symlink_to(target)
    Path(root, "scratch").chmod(0o777)


def _bind(root: str, source: _Source, *, writable: bool) -> None:
    """Show a host path at the same place in the image, read-only (device nodes keep working)."""
    target = Path(root + source.path)
    if target.exists() or target.is_symlink():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.link is not None:
        target.symlink_to(source.link)
        return
    places = [target]
    if source.path.startswith(_MOUNTED_OVER):
        places.append(Path(root + _keep(source.path)))
    for place in places:
        if source.folder:
            place.mkdir(exist_ok=True)
        else:
            place.touch()
        # With what is mounted below: a system may keep /usr/local elsewhere, and a user namespace binds all or nothing.
        libc.mount(f"/proc/self/fd/{source.descriptor}", str(place), None, libc.MS_BIND | libc.MS_REC)
        flags = libc.MS_NOSUID | (0 if writable else libc.MS_RDONLY)
        if not source.path.startswith("/dev/"):
            flags |= libc.MS_NODEV
        for mounted in _mounts_below(str(place)):
            _remount(mounted, flags)


def _mounts_below(place: str) -> list[str]:
    """A mount's own place and those of the mounts inside it."""
    places = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    named = {re.sub(r"\\([0-7]{3})", lambda escape: chr(int(escape[1], 8)), each) for each in places}
    return sorted(each for each in named if _inside(each, (place,)))


def _remount(target: str, flags: int) -> None:
    """Tighten a bind. In a user namespace the flags that the host had set are locked and must be repeated."""
    kept = os.statvfs(target).f_flag
    for name, flag in (("ST_NODEV", libc.MS_NODEV), ("ST_NOEXEC", libc.MS_NOEXEC), ("ST_NOSUID", libc.MS_NOSUID)):
        if kept & getattr(os, name):
            flags |= flag
    relatime = {os.ST_NOATIME: 1024, os.ST_NODIRATIME: 2048, os.ST_RELATIME: 1 << 21}
    for bit, flag in relatime.items():
        if kept & bit:
            flags |= flag
    libc.mount("none", target, None, libc.MS_REMOUNT | libc.MS_BIND | flags)


def _cover(root: str, target: str) -> None:
    """Hide one file or folder of a bind behind an empty one."""
    if not Path(target).exists():
        return
    if Path(target).is_dir():
        libc.mount("tmpfs", target, "tmpfs", _READ_ONLY, "mode=0555,size=4k")
    else:
        empty = Path(root, "run", "empty")
        empty.touch()
        libc.mount(str(empty), target, None, libc.MS_BIND)
        _remount(target, _READ_ONLY)


def _write_etc(root: str) -> None:
    etc = Path(root, "etc")
    (etc / "passwd").write_text(f"student:x:{_USER}:{_USER}:student:{WORK}:/bin/sh\n")
    (etc / "group").write_text(f"student:x:{_USER}:\n")
    (etc / "hosts").write_text("127.0.0.1 localhost student\n")
    (etc / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files\n")


def kept_places() -> list[tuple[str, str]]:
    """(where it is kept, where it belongs) of what a student's own mounts would hide; asked inside the image."""
    return [(str(entry), unquote(entry.name)) for entry in Path(_KEEP).iterdir()]


def _keep(path: str) -> str:
    return f"{_KEEP}/{quote(path, safe='')}"

"""Why a fence cannot be built here, and what to do about it: settings of the kernel and of containers, in words.

`read_settings` looks them up, `causes` judges them; the second is pure. A setting that a kernel does not know is None.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_USERNS = "kernel.unprivileged_userns_clone"
_APPARMOR = "kernel.apparmor_restrict_unprivileged_userns"
_MAXIMUM = "user.max_user_namespaces"
_CONTAINERS = {".dockerenv": "docker", "run/.containerenv": "podman"}
_SYS_ADMIN = 1 << 21
_SLOT = 64_000_000  # about the uid that a student gets where we are root
_FILTERED = 2
_PROFILE = """\
write /etc/apparmor.d/autograder with `abi <abi/4.0>, profile autograder {python} flags=(unconfined) {{ userns, }}` \
and run `sudo apparmor_parser -r /etc/apparmor.d/autograder`, or `sudo sysctl -w {setting}=0`"""


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides whether namespaces may be had."""

    system: str = "Linux"
    root: bool = False
    admin: bool = False  # CAP_SYS_ADMIN
    userns_clone: int | None = None
    apparmor: int | None = None
    max_namespaces: int | None = None
    container: str | None = None
    filtered: bool = False  # system calls of this very process are filtered
    masked_proc: bool = False
    slots: bool = True  # students' uids exist in our user namespace


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that stands in the way, and its remedy."""

    cause: str
    remedy: str


def read_settings(root: Path = Path("/")) -> Settings:
    """The settings of this machine; `root` is where its file system begins."""
    status = _status(root)
    mounts = [line.split()[4] for line in _text(root / "proc/self/mountinfo").splitlines()]
    return Settings(
        system=platform.system(),
        root=hasattr(os, "geteuid") and os.geteuid() == 0,
        admin=bool(int(status.get("CapEff", "0"), 16) & _SYS_ADMIN),
        userns_clone=_sysctl(root, _USERNS),
        apparmor=_sysctl(root, _APPARMOR),
        max_namespaces=_sysctl(root, _MAXIMUM),
        container=_container(root),
        filtered=int(status.get("Seccomp", "0")) == _FILTERED,
        slots=_maps(_text(root / "proc/self/uid_map"), _SLOT),
        masked_proc=any(mount.startswith("/proc/") for mount in mounts),
    )


def causes(settings: Settings, error: str, python: str) -> tuple[Cause, ...]:
    """What may stand in the way, the surest first; at least the error itself. `python` is the interpreter."""
    if settings.system != "Linux":
        remedy = "grade on Linux: a server, a virtual machine, or WSL 2 on Windows"
        return (
            Cause(f"this is {settings.system or 'no system we know'}; the fence is made of Linux namespaces", remedy),
        )
    found = tuple(_kernel(settings, python)) + tuple(_container_causes(settings))
    if found:
        return found
    if "[Errno" not in error:
        return (Cause(f"the fence's own process failed: {error}", "install the package and what it needs again"),)
    remedy = "try `unshare --user --map-root-user --mount --pid --fork true`; what it says is what your system forbids"
    return (Cause(f"the kernel refuses it: {error}", remedy),)


def soft_remedy() -> str:
    """How to get control groups."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return (
            "mount /sys/fs/cgroup writable, with the controllers memory and pids (in a container: --cgroupns=private)"
        )
    return "systemd-run --user --scope -p Delegate=yes autograder grade …, or grade as root"


def _kernel(settings: Settings, python: str) -> Iterator[Cause]:
    if settings.max_namespaces == 0:
        yield Cause(f"{_MAXIMUM} is 0: nobody may make namespaces", f"sudo sysctl -w {_MAXIMUM}=10000")
    if settings.admin:
        return  # the rest restricts ordinary users only
    if settings.userns_clone == 0:
        yield Cause(f"{_USERNS} is 0: only root may make namespaces", f"sudo sysctl -w {_USERNS}=1")
    if settings.apparmor:
        remedy = _PROFILE.format(python=python, setting=_APPARMOR)
        yield Cause(f"{_APPARMOR} is {settings.apparmor}: AppArmor takes the rights of new namespaces away", remedy)


def _container_causes(settings: Settings) -> Iterator[Cause]:
    where = f"in a {settings.container} container" if settings.container else "in a container or a restricted service"
    if settings.filtered:
        remedy = (
            "start it with --security-opt seccomp=unconfined (systemd: without SystemCallFilter, RestrictNamespaces)"
        )
        yield Cause(f"we run {where} whose filter of system calls may forbid namespaces and mounts", remedy)
    if settings.masked_proc:
        remedy = (
            "start it with --security-opt systempaths=unconfined (podman: unmask=ALL; Kubernetes: procMount: Unmasked)"
        )
        yield Cause(f"we run {where} that hides parts of /proc, and so no new /proc may be mounted", remedy)
    if settings.root and not settings.admin:
        yield Cause(
            "we are root without CAP_SYS_ADMIN, which may neither mount nor map users",
            "run as an ordinary user, or start the container with --cap-add SYS_ADMIN",
        )
    elif settings.root and not settings.slots:
        yield Cause(
            f"we are root of a user namespace without uids about {_SLOT:,}, as in a rootless container",
            "run as an ordinary user of it (docker and podman: --user 1000)",
        )


def _maps(uid_map: str, uid: int) -> bool:
    """Whether a uid exists in the user namespace with this map (lines of first uid inside, outside, count)."""
    lines = [tuple(map(int, line.split())) for line in uid_map.splitlines()]
    return not lines or any(first <= uid < first + count for first, _, count in lines)


def _container(root: Path) -> str | None:
    for name, kind in _CONTAINERS.items():
        if (root / name).exists():
            return kind
    return _text(root / "run/systemd/container").strip() or None


def _sysctl(root: Path, name: str) -> int | None:
    text = _text(root / "proc/sys" / name.replace(".", "/")).strip()
    return int(text) if text.lstrip("-").isdigit() else None


def _status(root: Path) -> dict[str, str]:
    lines = _text(root / "proc/self/status").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""

"""What `doctor` finds out, and the reasons it gives: a real fence, and settings of machines that have none."""

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.cli import doctor, machine
from autograder.cli.main import main
from autograder.cli.remedies import Cause, Settings, causes, read_settings
from autograder.errors import FenceError
from autograder.sandbox import canary, reduced_trial

PYTHON = "/usr/bin/python3"


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["doctor", *arguments])
    return int(ended.value.code or 0)


def _refuse() -> canary.Trial:
    raise FenceError("[Errno 1] unshare: Operation not permitted")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Iterator[Path]:
    """A folder for temporary files of its own."""
    folder = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        yield folder


@pytest.fixture(scope="module")
def trial(folder) -> canary.Trial:
    """The fence of this machine, tried once."""
    return canary.try_fence()


def test_fence_of_this_machine_holds(trial):
    """A student that tries to break out fails at everything, seen from both sides."""
    assert [finding for finding in trial.findings if not finding.ok] == []
    assert len(trial.findings) == 11


def test_fence_is_told(trial, monkeypatch, capsys):
    """Each finding has its line; a fence that holds is exit code 0."""
    monkeypatch.setattr(canary, "try_fence", lambda: trial)
    assert _run() == 0
    told = capsys.readouterr().out
    assert f"Fence: {trial.tier}" in told
    assert all(finding.name in told for finding in trial.findings)


def test_json_is_one_object(trial, monkeypatch, capsys):
    """The same as data, with every version."""
    monkeypatch.setattr(canary, "try_fence", lambda: trial)
    assert _run("--json") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["fence"]["ok"]
    assert data["fence"]["tier"] == trial.tier
    assert data["software"]["python"].endswith(sys.executable)
    assert {"cores", "memory", "CUDA", "control groups", "huge pages", "temporary files"} <= data["machine"].keys()


def test_fence_with_a_hole_is_none(trial, monkeypatch, capsys):
    """One finding that is not ok, and the machine does not grade."""
    hole = canary.Finding("no network", ok=False, seen="reached the host's loopback")
    monkeypatch.setattr(canary, "try_fence", lambda: canary.Trial(trial.tier, True, "", (hole,)))
    assert _run() == 3
    told = capsys.readouterr().out
    assert "does not hold" in told
    assert "NOT" in told


def test_no_fence_is_exit_3_with_cause_and_what_works(monkeypatch, capsys):
    """The kernel's words, a cause, a remedy, and the commands that need no fence."""
    monkeypatch.setattr(canary, "try_fence", _refuse)
    monkeypatch.setattr(doctor, "read_settings", lambda: Settings(userns_clone=0))
    assert _run() == 3
    told = capsys.readouterr().out
    assert "unshare: Operation not permitted" in told
    assert "kernel.unprivileged_userns_clone=1" in told
    assert all(name in told for name in doctor.WORKS_ANYWHERE)


@pytest.mark.parametrize("held", [True, False])
def test_reduced_fence_is_named_only_where_it_holds(held, monkeypatch, capsys):
    """Where no fence can be built the flag is told, if the fence without namespaces was tried and holds."""
    finding = canary.Finding("no network", ok=held, seen="tried")
    monkeypatch.setattr(canary, "try_fence", _refuse)
    monkeypatch.setattr(reduced_trial, "try_reduced", lambda: (finding,))
    assert _run() == 3
    assert ("--reduced-fence" in capsys.readouterr().out) is held
    assert _run("--json") == 3
    assert json.loads(capsys.readouterr().out)["fence"]["reduced"] is held


def test_softer_fence_has_cause_and_remedy(trial, monkeypatch, capsys):
    """Without control groups the fence grades, and the reason and the way to have them are told."""
    soft = replace(trial, tier="full-soft", soft_because="no control groups: /sys/fs/cgroup cannot be written")
    monkeypatch.setattr(canary, "try_fence", lambda: soft)
    assert _run() == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "Fence: full-soft" in told
    assert "cannot be written" in told
    assert "remedy" in told


def test_other_system_tries_no_fence(monkeypatch, capsys):
    """Elsewhere than on Linux the fence's modules are not even imported."""
    monkeypatch.setattr(doctor, "read_settings", lambda: Settings(system="Darwin"))
    monkeypatch.setitem(sys.modules, "autograder.sandbox.canary", None)
    assert _run("--json") == 3
    fence = json.loads(capsys.readouterr().out)["fence"]
    assert "Darwin" in fence["causes"][0]["cause"]
    assert "WSL 2" in fence["causes"][0]["remedy"]


@pytest.mark.parametrize(
    ("settings", "cause", "remedy"),
    [
        (Settings(userns_clone=0), "kernel.unprivileged_userns_clone is 0", "sysctl -w"),
        (Settings(apparmor=1), "kernel.apparmor_restrict_unprivileged_userns is 1", f"profile autograder {PYTHON} "),
        (Settings(max_namespaces=0), "user.max_user_namespaces is 0", "sysctl -w"),
        (Settings(root=True, admin=True, max_namespaces=0), "user.max_user_namespaces is 0", "sysctl -w"),
        (Settings(container="docker", filtered=True), "docker container", "seccomp=unconfined"),
        (Settings(filtered=True), "restricted service", "RestrictNamespaces"),
        (Settings(masked_proc=True), "parts of /proc", "systempaths=unconfined"),
        (Settings(root=True), "without CAP_SYS_ADMIN", "ordinary user"),
        (Settings(root=True, admin=True, slots=False), "user namespace without uids", "--user 1000"),
    ],
)
def test_setting_is_named_with_its_remedy(settings, cause, remedy):
    """Each setting that forbids a fence is the one cause, with what to change."""
    (found,) = causes(settings, "[Errno 1] no", PYTHON)
    assert cause in found.cause
    assert remedy in found.remedy


def test_root_is_not_blamed_for_what_restricts_others():
    """Settings for ordinary users are no cause for root with all rights."""
    (found,) = causes(Settings(root=True, admin=True, userns_clone=0, apparmor=1), "[Errno 1] mount: no", PYTHON)
    assert found.cause == "the kernel refuses it: [Errno 1] mount: no"


def test_fault_that_is_not_the_kernels_is_not_blamed_on_it():
    """A library that is missing in the fence's process is named as it is."""
    (found,) = causes(Settings(), "ModuleNotFoundError: No module named 'IPython'", PYTHON)
    assert found == Cause(
        "the fence's own process failed: ModuleNotFoundError: No module named 'IPython'",
        "install the package and what it needs again",
    )


def test_settings_are_read_from_the_system(tmp_path):
    """Values, a container's mark, the filter, a masked proc and the uids that exist."""
    files = {
        "proc/sys/kernel/unprivileged_userns_clone": "0\n",
        "proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n",
        "proc/sys/user/max_user_namespaces": "0\n",
        "proc/self/status": "Name:\tx\nCapEff:\t0000000000000000\nSeccomp:\t2\n",
        "proc/self/mountinfo": "22 27 0:21 / /proc rw - proc proc rw\n23 22 0:5 / /proc/kcore rw - tmpfs tmpfs rw\n",
        "proc/self/uid_map": "         0       1000          1\n         1     100000      65536\n",
        "run/.containerenv": "",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = read_settings(tmp_path)
    assert (found.userns_clone, found.apparmor, found.max_namespaces) == (0, 1, 0)
    assert (found.container, found.filtered, found.masked_proc) == ("podman", True, True)
    assert not found.admin
    assert not found.slots


def test_settings_that_do_not_exist_are_none(tmp_path):
    """An empty file system has no setting, and none of them is a cause."""
    found = read_settings(tmp_path)
    assert (found.userns_clone, found.apparmor, found.max_namespaces, found.container) == (None,) * 4
    assert found.slots


def test_missing_library_says_what_to_install(monkeypatch):
    """Torch is an extra; its absence is no fault."""

    def missing(name: str) -> str:
        raise machine.importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(machine.importlib.metadata, "version", missing)
    facts = {fact.name: fact for fact in machine.software_facts()}
    assert facts["torch"].value == "not installed"
    assert facts["torch"].remark == "in the project's folder: pip install -e '.[torch]'"


def test_nothing_is_left_on_the_machine(trial, folder):
    """The canary's secret and its marks are gone."""
    assert list(folder.iterdir()) == []

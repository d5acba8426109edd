"""What may happen to a first start and to its environment, and that the next start mends it.

No test installs anything: a program named ``uv`` makes an environment with one small package.
"""

from __future__ import annotations

import ast
import errno
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="the programs here are shell scripts")

UV = r"""
import os, pathlib, shutil, sys, time, venv

root, words = pathlib.Path.cwd(), sys.argv[1:]
with open(root / "uv.log", "a") as log:
    log.write(" ".join(words) + "\n")
if words[0] == "venv":
    venv.create(os.path.realpath(words[-1]), symlinks=True)
    sys.exit(0)
time.sleep(float(os.environ.get("FAKE_SLEEP", "0")))
if "FAKE_ERROR" in os.environ:
    sys.exit(os.environ["FAKE_ERROR"])
place = next((root / ".venv" / "lib").glob("python3*")) / "site-packages"


def install(name, files):
    info = place / f"{name}-1.0.dist-info"
    if info.exists() and name not in words:
        return
    files = {**files, f"{info.name}/METADATA": f"Name: {name}\n"}
    rows = [f"{info.name}/RECORD,,"]
    for path, text in files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text, encoding="utf-8")
        rows.append(f"{path},sha256=x,{len(text.encode())}")
    (info / "RECORD").write_text("\n".join(rows))


install("alpha", {"alpha/__init__.py": "", "alpha/deep/er/leaf.py": "whole = True\n"})
install("project", {
    "_editable_impl_project.pth": str(root / "src"),
    "compendium.pth": (root / "src" / "compendium.pth").read_text(),
})
if "FAKE_FULL" in os.environ:
    (root / ".venv" / "synced-from.new").symlink_to("/dev/full")
"""
CLI = """
import random, shutil, sys
import alpha.deep.er.leaf

def main():
    print("started", *sys.argv[1:], shutil.which("jupyter-lab"))
    return 0

if __name__ == "__main__":
    sys.exit(main())
"""
KERNELS = 'import os, time; time.sleep(float(os.environ.get("FAKE_COMPILE", "0")))'


class Checkout:
    """A small checkout, and what a user does in it."""

    def __init__(self, root: Path, tools: Path):
        self.root, self.venv = root, root / ".venv"
        drop = {"PYTHONPATH", "JUPYTER_PATH", "VIRTUAL_ENV", "PYTHONUTF8"}
        kept = {name: value for name, value in os.environ.items() if name not in drop}
        path = os.pathsep.join([str(tools), os.environ["PATH"]])
        self.environment = {**kept, "PATH": path, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""}

    def begin(self, *words: str, **more: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, self.root / "run_all.py", *words],
            cwd=self.root.parent,
            env={**self.environment, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        )

    def start(self, *words: str, **more: str) -> tuple[int, str]:
        return end(self.begin(*words, **more))

    def python(self, code: str, **more: str) -> str:
        """What a Python of the environment prints that the user starts by hand."""
        asked = subprocess.run(
            [self.venv / "bin" / "python", "-c", code],
            cwd=self.root.parent,
            env={**self.environment, **more},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert asked.returncode == 0, asked.stderr
        assert not asked.stderr
        return asked.stdout.strip()

    @property
    def packages(self) -> Path:
        return next((self.venv / "lib").glob("python3*")) / "site-packages"

    @property
    def asked_of_uv(self) -> list[str]:
        return (self.root / "uv.log").read_text().splitlines()


def end(process: subprocess.Popen) -> tuple[int, str]:
    said, _ = process.communicate(timeout=60)
    assert "Traceback" not in said
    return process.returncode, said


def wait_for(there) -> None:
    limit = time.monotonic() + 30
    while not there():
        assert time.monotonic() < limit
        time.sleep(0.02)


@pytest.fixture
def checkout(tmp_path) -> Checkout:
    root, tools = tmp_path / "été", tmp_path / "tools"
    for folder in (
        root / "src" / "helpers" / "compendium",
        root / "src" / "helpers" / "runner",
        tools,
    ):
        folder.mkdir(parents=True)
    for name in ("run_all.py", "src/compendium.pth", "src/compendium_startup.py"):
        shutil.copy(ROOT / name, root / name)
    for name, text in {
        "uv.lock": "",
        "pyproject.toml": "",
        "src/helpers/__init__.py": "",
        "src/helpers/compendium/paths.py": "",
        "src/helpers/cli.py": CLI,
        "src/helpers/runner/__init__.py": "",
        "src/helpers/runner/kernels.py": KERNELS,
    }.items():
        (root / name).write_text(text)
    (tools / "uv.py").write_text(UV)
    (tools / "uv").write_text(f'#!/bin/sh\nexec "{sys.executable}" "{tools / "uv.py"}" "$@"\n')
    (tools / "uv").chmod(0o755)
    return Checkout(root, tools)


@pytest.fixture
def made(checkout) -> Checkout:
    code, said = checkout.start("list")
    assert (code, "started list" in said) == (0, True), said
    (checkout.root / "uv.log").write_text("")
    return checkout


def load(checkout: Checkout):
    """The checkout's ``run_all`` as a module, for what can only be pretended."""
    spec = importlib.util.spec_from_file_location("run_all", checkout.root / "run_all.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# one at a time


def test_the_second_of_two_starts_waits_and_uses_what_the_first_made(checkout):
    both = [checkout.begin("list", FAKE_SLEEP="0.5") for _ in range(2)]
    ended = [end(process) for process in both]
    assert [code for code, _ in ended] == [0, 0], ended
    assert sum("waiting for that one" in said for _, said in ended) == 1
    assert [line.split()[0] for line in checkout.asked_of_uv] == ["venv", "sync"]


def test_a_killed_start_leaves_no_lock_behind(checkout):
    process = checkout.begin("list", FAKE_SLEEP="30")
    wait_for(lambda: (checkout.venv / "place").exists())
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    code, said = checkout.start("list")
    assert (code, "waiting" in said) == (0, False), said


# what is missing is installed again


def test_an_environment_that_is_whole_is_used_as_it_is(made):
    assert made.start("list")[0] == 0
    assert made.start("check")[0] == 0
    assert made.asked_of_uv == []


@pytest.mark.parametrize("gone", ["alpha", "alpha/deep", "alpha/__init__.py"])
def test_a_deleted_package_is_installed_again(made, gone):
    path = made.packages / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    code, said = made.start("list")
    assert (code, "mending" in said) == (0, True), said
    assert len(made.asked_of_uv) == 1
    assert "--reinstall-package alpha" in made.asked_of_uv[0]
    assert made.start("list")[0] == 0
    assert len(made.asked_of_uv) == 1


@pytest.mark.parametrize("name", ["RECORD", "METADATA"])
def test_a_package_whose_description_is_half_gone_is_installed_again(made, name):
    shutil.rmtree(made.packages / "alpha")
    (made.packages / "alpha-1.0.dist-info" / name).unlink()
    assert made.start("list")[0] == 0
    assert (made.packages / "alpha-1.0.dist-info" / name).exists()


@pytest.mark.parametrize("gone", ["pyvenv.cfg", "bin", "lib", "bin/activate", "place"])
def test_a_half_removed_environment_is_made_anew(made, gone):
    path = made.venv / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    code, said = made.start("list")
    assert (code, "making .venv" in said) == (0, True), said
    assert [line.split()[0] for line in made.asked_of_uv] == ["venv", "sync"]


@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_a_file_deep_in_a_package_is_named_and_check_installs_it_again(made, damage):
    leaf = made.packages / "alpha" / "deep" / "er" / "leaf.py"
    leaf.unlink() if damage == "gone" else leaf.write_text("")
    if damage == "gone":
        code, said = made.start("list")
        assert code == 1
        assert "No module named 'alpha.deep.er.leaf'" in said
        assert "run_all.py check" in said
    assert made.start("check")[0] == 0
    assert leaf.read_text() == "whole = True\n"


def test_a_missing_file_of_the_project_is_named(made):
    (made.root / "src" / "helpers" / "cli.py").unlink()
    code, said = made.start("list")
    assert code == 1
    assert "helpers.cli" in said
    assert "restore src/" in said


# whatever the locale


def locales(tmp_path: Path) -> list[dict[str, str]]:
    narrow = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    found = [{"LC_ALL": "C"}, narrow]
    if shutil.which("localedef"):
        name = "de_DE.ISO-8859-1"
        make = ["localedef", "-i", "de_DE", "-f", "ISO-8859-1", str(tmp_path / name)]
        if subprocess.run(make, capture_output=True, check=False).returncode == 0:
            found.append({"LOCPATH": str(tmp_path), "LC_ALL": name})
    return found


def test_an_accent_in_the_path_stands_any_locale(checkout, tmp_path):
    for locale in locales(tmp_path):
        shutil.rmtree(checkout.venv, ignore_errors=True)
        assert checkout.start("list", **locale)[0] == 0
        for later in locales(tmp_path):
            assert checkout.start("list", **later)[0] == 0
            code = "import helpers, os, sys; sys.stdout.buffer.write(os.fsencode(helpers.__file__))"
            ours = checkout.root / "src" / "helpers" / "__init__.py"
            assert checkout.python(code, **later) == str(ours)


# whatever the shell


def test_other_modules_on_pythonpath_do_not_shadow_ours(made, tmp_path):
    for name in ("helpers/__init__.py", "alpha/__init__.py", "own.py"):
        path = tmp_path / "others" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    code = "import helpers, alpha, own; print(helpers.__file__, alpha.__file__, own.__file__)"
    found = made.python(code, PYTHONPATH=str(tmp_path / "others")).split()
    assert [Path(path).parents[1].name for path in found] == ["src", "site-packages", tmp_path.name]


def test_another_checkout_on_pythonpath_is_meant(made, tmp_path):
    shutil.copytree(made.root / "src" / "helpers", tmp_path / "copy" / "src" / "helpers")
    other = str(tmp_path / "copy" / "src")
    assert made.python("import helpers; print(helpers.__file__)", PYTHONPATH=other).startswith(
        other
    )


def test_modules_and_programs_beside_the_user_do_not_shadow_ours(made):
    (made.root.parent / "random.py").write_text("raise SystemExit('not this one')")
    for folder in (made.root.parent / "tools", made.venv / "bin"):
        (folder / "jupyter-lab").write_text("#!/bin/sh\n")
        (folder / "jupyter-lab").chmod(0o755)
    code, said = made.start("lab")
    assert (code, said.strip()) == (0, f"started lab {made.venv / 'bin' / 'jupyter-lab'}")


def test_kernels_are_the_environments_own_in_a_polluted_shell(tmp_path):
    foreign = tmp_path / "jupyter" / "kernels" / "python3"
    foreign.mkdir(parents=True)
    (foreign / "kernel.json").write_text(
        '{"argv": ["false"], "display_name": "foreign", "language": "python"}'
    )
    (tmp_path / "modules" / "helpers").mkdir(parents=True)
    (tmp_path / "modules" / "helpers" / "__init__.py").write_text("")
    code = """
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="python3")
answer = client.execute_interactive("import helpers; print(helpers.__file__)")
manager.shutdown_kernel(now=True)
"""
    polluted = {
        "PYTHONPATH": str(tmp_path / "modules"),
        "JUPYTER_PATH": str(tmp_path / "jupyter"),
        "JUPYTER_DATA_DIR": str(tmp_path / "jupyter"),
        "JUPYTER_PREFER_ENV_PATH": "0",
    }
    asked = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, **polluted},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert asked.stdout.strip() == str(ROOT / "src" / "helpers" / "__init__.py")


# stopped, no room, no right


@pytest.mark.parametrize("when", ["FAKE_SLEEP", "FAKE_COMPILE"])
def test_a_stopped_start_says_so_and_the_next_goes_on(checkout, when):
    process = checkout.begin("list", **{when: "30"})
    if when == "FAKE_SLEEP":
        wait_for((checkout.venv / "place").exists)
    else:
        cache = checkout.root / "src" / "helpers" / "runner" / "__pycache__"
        wait_for(cache.is_dir)
    time.sleep(0.2)
    os.killpg(process.pid, signal.SIGINT)
    code, said = end_interrupted(process)
    assert code == 130
    assert said.rstrip().endswith("error: stopped; run again to go on where this ended.")
    assert checkout.start("list")[0] == 0


def end_interrupted(process: subprocess.Popen) -> tuple[int, str]:
    """As `end`, without what the pretended uv says when it is interrupted; the real one is silent."""
    said, _ = process.communicate(timeout=60)
    own = [line for line in said.splitlines() if line.startswith(("error", "environment"))]
    assert "run_all.py" not in said
    return process.returncode, "\n".join(own)


def test_what_uv_refuses_ends_with_the_mend(checkout):
    code, said = checkout.start("list", FAKE_ERROR="No space left on device (os error 28)")
    assert code == 1
    assert said.count("error: ") == 1
    assert "MB are free" in said
    assert checkout.start("list")[0] == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_ends_with_the_mend(checkout):
    code, said = checkout.start("list", FAKE_FULL="1")
    assert code == 1
    assert "free 3.1 GB" in said
    (checkout.venv / "synced-from.new").unlink()
    assert checkout.start("list")[0] == 0


def test_a_file_or_a_dangling_link_named_venv_is_left_and_named(checkout):
    checkout.venv.write_text("mine")
    code, said = checkout.start("list")
    assert (code, ".venv is a file" in said, checkout.venv.read_text()) == (1, True, "mine")
    checkout.venv.unlink()
    checkout.venv.symlink_to("nowhere")
    code, said = checkout.start("list")
    assert (code, "leads nowhere" in said, checkout.venv.is_symlink()) == (1, True, True)


def test_a_link_to_a_folder_of_something_else_is_left_alone(checkout, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("mine")
    checkout.venv.symlink_to(tmp_path / "other")
    code, said = checkout.start("list")
    assert (code, "remove the link" in said) == (1, True)
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["thesis.txt"]


def test_an_environment_behind_a_link_is_used(checkout, tmp_path):
    (tmp_path / "roomy").mkdir()
    checkout.venv.symlink_to(tmp_path / "roomy")
    assert checkout.start("list")[0] == 0
    assert checkout.start("check")[0] == 0
    assert len(checkout.asked_of_uv) == 2


def read_only(monkeypatch, module) -> None:
    def refuse(path, mode="r", **more):
        if set(mode) & set("wax+"):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
        return open(path, mode, **more)  # noqa: PTH123

    monkeypatch.setattr(module, "open", refuse, raising=False)
    monkeypatch.setattr(module.sys, "argv", ["run_all.py", "list"])


def test_a_read_only_checkout_without_environment_names_the_mend(checkout, monkeypatch, capsys):
    module = load(checkout)
    read_only(monkeypatch, module)
    assert module.main() == 1
    assert "make the project's folder writable" in capsys.readouterr().err


def test_a_read_only_checkout_with_its_environment_runs(made, monkeypatch):
    module = load(made)
    read_only(monkeypatch, module)
    handed = []
    monkeypatch.setattr(module.os, "execve", lambda *given: handed.append(given))
    module.main()
    assert handed[0][0] == str(made.venv / "bin" / "python")
    assert handed[0][1][-1] == "list"


def test_an_old_python_can_read_the_file_and_gets_a_sentence(checkout, monkeypatch, capsys):
    ast.parse((ROOT / "run_all.py").read_text(encoding="utf-8"), feature_version=(3, 6))
    module = load(checkout)
    monkeypatch.setattr(module.sys, "version_info", (3, 6, 9))
    monkeypatch.setattr(module.sys, "argv", ["run_all.py"])
    assert module.main() == 2
    assert "this is 3.6" in capsys.readouterr().err

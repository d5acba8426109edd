"""One command from a fresh machine to every figure: make or find the environment, then run.

    python3 run_all.py             run every section of every bundled city, build the report
    python3 run_all.py test        run the test suite
    python3 run_all.py lab         open JupyterLab on the notebooks
    python3 run_all.py list        show cities and sections, and what is up to date
    python3 run_all.py check       check the environment
    python3 run_all.py docs        make pages of the functions' docstrings, in docs/api
    python3 run_all.py gallery     renew the figures of docs/gallery from the last run
    python3 run_all.py clean       remove everything that a run makes
    python3 run_all.py run --help  all options: --city, --section, -p name=value, --jobs, ...

This file needs nothing but Python 3.11 to 3.13 with pip.  The environment is made in .venv from
uv.lock the first time (two minutes, more with a slow network; 3.1 GB of disk); later runs use it as
it is and need no network.  What is missing from it is installed again; `check` looks at every file.
"""

import csv
import errno
import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager

ROOT = os.path.dirname(os.path.realpath(__file__))
VENV = os.path.join(ROOT, ".venv")
BIN = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
PYTHON = os.path.join(BIN, "python.exe" if os.name == "nt" else "python")
UV = os.path.join(BIN, "uv.exe" if os.name == "nt" else "uv")
STAMP = os.path.join(VENV, "synced-from")
LOCK = os.path.join(ROOT, ".venv.lock")
OLDEST, NEWEST = (3, 11), (3, 13)
SPACE = "3.1 GB"
PASSING = ("__pycache__", ".lock", "synced-from", "synced-from.new")
DEPTH = 5  # .venv / lib / python / site-packages / package / what is in it
FULL, CLOSED = (errno.ENOSPC, errno.EDQUOT), (errno.EACCES, errno.EPERM, errno.EROFS)

# What the environment's own Python does with the arguments.
START = """
import sys
try:
    from helpers.cli import main
    code = main()
except ImportError as error:
    if (error.name or "").startswith("helpers."):
        mend = "restore src/ from the repository"
    else:
        mend = "`python3 run_all.py check` installs it again; if it does not, remove .venv"
    code = f"error: a part is missing or damaged ({error}): {mend}."
except KeyboardInterrupt:
    print("error: stopped.", file=sys.stderr)
    code = 130
sys.exit(code)
"""


class SetupError(Exception):
    """The environment cannot be made; the text says why, and what the user can do."""


def main():
    arguments = sys.argv[1:]
    if arguments[:1] in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        return refuse(
            "this needs Python {}.{} to {}.{}, and this is {}.{}; run it with one of them, for "
            "example: python3.12 run_all.py".format(*OLDEST, *NEWEST, *sys.version_info[:2])
        )
    try:
        prepare(thorough=arguments[:1] == ["check"])
        # -P: a file random.py in the folder where the user stands must not be taken for Python's
        command = [PYTHON, "-P", "-c", START, *arguments]
        if os.name == "nt":
            return subprocess.run(command, env=clean_environment(), check=False).returncode
        os.execve(PYTHON, command, clean_environment())  # noqa: S606 - our own Python, no shell
    except KeyboardInterrupt:
        return refuse("stopped; run again to go on where this ended.", code=130)
    except SetupError as error:
        return refuse(str(error), code=1)
    except OSError as error:
        where = error.filename or ".venv"
        return refuse(f"{where}: {error.strerror}: {mend(error)}", code=1)


def prepare(thorough):
    """Make the environment, or mend it, unless it is what it must be."""
    wanted = state()
    if ready(wanted) and not (thorough and damaged()):
        return
    with only_one():
        # the one that was waited for has perhaps made it
        broken = damaged()
        if broken or not ready(wanted):
            make_environment(wanted, broken)


def state():
    """What the environment must have been made from: the lock, the project file, this place."""
    digest = hashlib.sha256(os.fsencode(ROOT))
    for name in ("uv.lock", "pyproject.toml"):
        with open(os.path.join(ROOT, name), "rb") as stream:
            digest.update(stream.read())
    return digest.hexdigest()


def ready(wanted):
    """Whether .venv was made from what is wanted, and still holds what it held then."""
    try:
        with open(STAMP, encoding="utf-8", errors="surrogateescape") as stream:
            made_from, *held = stream.read().split("\n")
        there = made_from == wanted and held and os.path.exists(PYTHON)
        return bool(there) and set(held) <= set(holdings())
    except OSError:
        # never made, or being mended by another start at this moment
        return False


def holdings(folder=VENV, depth=DEPTH):
    """Names of the files and folders in .venv, not too far down: some thousand, some milliseconds."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in PASSING:
                continue
            yield entry.path[len(VENV) :]
            if depth > 1 and entry.is_dir(follow_symlinks=False):
                yield from holdings(entry.path, depth - 1)


def damaged():
    """Folders that describe a package of which a file is gone or has not its size any more."""
    place = site_packages()
    names = os.listdir(place) if place and os.path.isdir(place) else []
    infos = [os.path.join(place, name) for name in names if name.endswith(".dist-info")]
    return [info for info in infos if not whole(info)]


def whole(info):
    try:
        with open(os.path.join(info, "RECORD"), encoding="utf-8", newline="") as stream:
            for path, _, size in csv.reader(stream):
                file = os.path.join(info, os.pardir, path)
                # the .pth files are rewritten, see ascii_paths
                if size and not path.endswith((".pyc", ".pth")):
                    if os.path.getsize(file) != int(size):
                        return False
                elif not path.endswith(".pyc") and not os.path.exists(file):
                    return False
    except (OSError, ValueError):
        return False
    return True


@contextmanager
def only_one():
    """Wait for whoever makes the environment; the system lets go of the lock when a process ends."""
    with open(LOCK, "a+", encoding="utf-8") as stream:
        told = False
        while not locked(stream):
            if not told:
                say("environment: another start is making it; waiting for that one")
                told = True
            time.sleep(0.2)
        yield


def locked(stream):
    try:
        if os.name == "nt":
            import msvcrt

            stream.seek(0)
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # some network disks know no locks: better none than no environment
        return error.errno not in (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
    return True


def make_environment(wanted, broken):
    """Bring .venv to the lock with uv; the stamp comes last, so a killed sync is done again."""
    refuse_what_is_no_folder()
    if os.path.exists(STAMP):
        os.remove(STAMP)
    ascii_paths()
    if os.path.isdir(VENV) and os.listdir(VENV) and not usable():
        if os.path.islink(VENV):
            raise SetupError(".venv is a link to something else; remove the link and run again.")
        shutil.rmtree(VENV)
        broken = []
    if broken:
        say("environment: mending .venv")
    else:
        say("environment: making .venv from uv.lock (once; later runs need no network)")
    os.makedirs(VENV, exist_ok=True)
    again = forget(broken)
    found = shutil.which("uv") or (UV if os.path.exists(UV) else None)
    if (found is None or sync(found, again)) and (own_uv() or sync(UV, again)):
        raise SetupError(
            "the environment could not be made (see above). It needs the network once, pip, "
            f"and {SPACE} of disk ({shutil.disk_usage(ROOT).free // 2**20:,} MB are free). Mend "
            "that and run again; what is there already is kept."
        )
    compile_ahead()
    new = STAMP + ".new"
    with open(new, "w", encoding="utf-8", errors="surrogateescape", newline="\n") as stream:
        stream.write("\n".join([wanted, *sorted(holdings())]))
    os.replace(new, STAMP)
    say("environment: ready")


def refuse_what_is_no_folder():
    if os.path.lexists(VENV) and not os.path.isdir(VENV):
        kind = "a link that leads nowhere" if os.path.islink(VENV) else "a file"
        raise SetupError(f".venv is {kind}; remove it and run again.")


def usable():
    """Whether .venv is an environment of this place and of a Python that fits."""
    try:
        with open(os.path.join(VENV, "place"), "rb") as stream:
            if stream.read() != os.fsencode(ROOT):
                return False
        ask = "import sys; v = sys.version_info[:2]; sys.exit(not (3, 11) <= v <= (3, 13)"
        ask += " or sys.prefix == sys.base_prefix)"
        asked = subprocess.run([PYTHON, "-c", ask], check=False, stderr=subprocess.DEVNULL)
        place = site_packages()
        parts = place and os.path.isdir(place) and os.path.exists(os.path.join(BIN, "activate"))
        return asked.returncode == 0 and bool(parts)
    except OSError:
        return False


def forget(broken):
    """Options that make uv install broken packages anew; what it cannot remove is removed here."""
    again = []
    for info in broken:
        if all(os.path.exists(os.path.join(info, name)) for name in ("RECORD", "METADATA")):
            again += ["--reinstall-package", os.path.basename(info).partition("-")[0]]
        else:
            shutil.rmtree(info)
    return again


def sync(uv, more=()):
    """Run ``uv sync``; true if it failed."""
    environment = {**clean_environment(), "LC_ALL": "C.UTF-8"}
    if not os.path.exists(PYTHON):
        make = [uv, "venv", "--quiet", "--python", sys.executable, VENV]
        if failed(make, environment):
            return True
    with open(os.path.join(VENV, "place"), "wb") as stream:
        stream.write(os.fsencode(ROOT))
    command = [uv, "sync", "--locked", "--inexact", "--python", PYTHON, *more]
    # behind a company's proxy only the system knows the certificates; elsewhere uv's own will do
    for certificates in ({}, {"UV_SYSTEM_CERTS": "1"}):
        if not failed(command, {**environment, **certificates}):
            ascii_paths()
            return False
    return True


def failed(command, environment, **more):
    """Run a program; true if it failed or is none."""
    try:
        ran = subprocess.run(command, cwd=ROOT, env=environment, check=False, **more)
    except OSError as error:
        say(f"{command[0]}: {error.strerror}")
        return True
    if ran.returncode and ran.stderr:
        sys.stderr.write(ran.stderr.decode("utf-8", "replace"))
    return ran.returncode != 0


def ascii_paths():
    """Write the path of src/ in ASCII, for Python 3.11 reads it in whatever the user's locale is."""
    place = site_packages()
    for name in os.listdir(place) if place and os.path.isdir(place) else []:
        if not (name.startswith("_editable_") and name.endswith(".pth")):
            continue
        path = os.path.join(place, name)
        with open(path, "rb") as stream:
            if stream.read().isascii():
                continue
        source = os.fsencode(os.path.join(ROOT, "src"))
        # a new file, for the old one may be a hard link to uv's cache
        with open(path + ".new", "w", encoding="ascii") as stream:
            stream.write(f"import os, sys; sys.path.append(os.fsdecode({source!r}))\n")
        os.replace(path + ".new", path)


def site_packages():
    """The folder of the installed packages, None where there is none yet."""
    if os.name == "nt":
        return os.path.join(VENV, "Lib", "site-packages")
    lib = os.path.join(VENV, "lib")
    names = os.listdir(lib) if os.path.isdir(lib) else []
    pythons = [name for name in names if name.startswith("python3")]
    return os.path.join(lib, pythons[0], "site-packages") if pythons else None


def compile_ahead():
    """Compile the packages, as pip would have done, and the kernels; else the first run does it."""
    say("environment: compiling packages and kernels (once, about a minute)")
    quiet = {"env": clean_environment(), "stdout": subprocess.DEVNULL, "check": False}
    tests = r"[\\/]tests?[\\/]"
    command = [PYTHON, "-m", "compileall", "-qq", "-j", "0", "-x", tests, site_packages()]
    # packages hold files that no Python compiles, such as templates: the code says nothing
    subprocess.run(command, stderr=subprocess.DEVNULL, **quiet)
    kernels = [PYTHON, "-m", "helpers.runner.kernels"]
    if subprocess.run(kernels, cwd=ROOT, stderr=subprocess.DEVNULL, **quiet).returncode:
        say("environment: the kernels could not be compiled ahead; sections will do it")


def own_uv():
    """Install uv into the project's own .venv with pip; true if it failed."""
    say("environment: installing uv into .venv")
    environment = {**clean_environment(), "LC_ALL": "C.UTF-8"}
    # what Python programs say when they are stopped is a traceback, so it is read and not shown
    # without pip inside: Debian's Python lacks ensurepip, and the pip outside can fill it
    make = [sys.executable, "-m", "venv", "--without-pip", os.path.realpath(VENV)]
    if not os.path.exists(PYTHON) and failed(make, environment, stderr=subprocess.PIPE):
        return True
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", PYTHON]
    install = [*pip, "install", "--quiet", "--force-reinstall", "uv"]
    return failed(install, environment, stderr=subprocess.PIPE)


def clean_environment():
    """The user's environment without what would lead Python or uv to another place."""
    drop = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX", "UV_PYTHON"}
    # .venv is the project's own: to compile every package anew in every process helps nobody
    drop.add("PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if name not in drop}
    # UTF-8 whatever the locale says, for the project's path may have accents
    own = {"UV_PROJECT_ENVIRONMENT": VENV, "PYTHONNOUSERSITE": "1", "PYTHONUTF8": "1"}
    # `jupyter lab` looks for its program on PATH, where another Jupyter may come first
    path = os.pathsep.join([BIN, os.environ.get("PATH", os.defpath)])
    return {**kept, **own, "PATH": path}


def mend(error):
    """What the user can do about an error of the system."""
    if error.errno in FULL:
        return f"free {SPACE} on the disk of the project and run again."
    if error.errno in CLOSED:
        return "make the project's folder writable, or copy it to a folder of your own; run again."
    return "mend that and run again; if it comes back, remove .venv."


def say(text):
    print(text, flush=True)


def refuse(text, code=2):
    sys.stderr.write("error: " + text + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())

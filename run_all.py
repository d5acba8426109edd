"""One command from a fresh machine to every figure: make or find the environment, then run.

    python3 run_all.py             run every section of every bundled city, build the report
    python3 run_all.py test        run the test suite
    python3 run_all.py lab         open JupyterLab on the notebooks
    python3 run_all.py list        show cities and sections, and what is up to date
    python3 run_all.py check       check the environment
    python3 run_all.py gallery     renew the figures of docs/gallery from the last run
    python3 run_all.py clean       remove everything that a run makes
    python3 run_all.py run --help  all options: --city, --section, -p name=value, --jobs, ...

This file needs nothing but Python 3.11 to 3.13 with pip.  The environment is made in .venv from
uv.lock the first time (two minutes, more with a slow network; 3.1 GB of disk); later runs use it as
it is and need no network.
"""

import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.realpath(__file__))
VENV = os.path.join(ROOT, ".venv")
BIN = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
PYTHON = os.path.join(BIN, "python.exe" if os.name == "nt" else "python")
STAMP = os.path.join(VENV, "synced-from")
OLDEST, NEWEST = (3, 11), (3, 13)


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
    wanted = state()
    if not ready(wanted):
        code = make_environment(wanted)
        if code:
            return code
    command = [PYTHON, "-m", "helpers.cli", *arguments]
    if os.name == "nt":
        return subprocess.run(command, env=clean_environment(), check=False).returncode
    os.execve(PYTHON, command, clean_environment())


def state():
    """What the environment must have been made from: the lock, the project file, this place."""
    digest = hashlib.sha256(ROOT.encode("utf-8", "surrogateescape"))
    for name in ("uv.lock", "pyproject.toml"):
        with open(os.path.join(ROOT, name), "rb") as stream:
            digest.update(stream.read())
    return digest.hexdigest()


def ready(wanted):
    try:
        with open(STAMP, encoding="utf-8") as stream:
            made_from = stream.read()
    except OSError:
        return False
    return made_from == wanted and os.path.exists(PYTHON)


def make_environment(wanted):
    """Bring .venv to the lock with uv; the stamp comes last, so a killed sync is done again."""
    say("environment: making .venv from uv.lock (once; later runs need no network)")
    if os.path.isdir(VENV) and not usable():
        shutil.rmtree(VENV)
    found = shutil.which("uv")
    if found is None or sync(found):
        own = own_uv()
        if own is None or sync(own):
            return refuse(
                "the environment could not be made (see above). It needs the network once, pip, "
                "and 3 GB of disk. Mend that and run again; what is there already is kept.",
                code=1,
            )
    compile_ahead()
    with open(STAMP, "w", encoding="utf-8") as stream:
        stream.write(wanted)
    say("environment: ready")
    return 0


def usable():
    """Whether .venv is an environment of this place and of a Python that fits."""
    try:
        with open(os.path.join(VENV, "place"), encoding="utf-8") as stream:
            if stream.read() != ROOT:
                return False
        ask = "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"
        return subprocess.run([PYTHON, "-c", ask], check=False).returncode == 0
    except OSError:
        return False


def sync(uv):
    """Run ``uv sync``; true if it failed."""
    if (
        not os.path.exists(PYTHON)
        and subprocess.run(
            [uv, "venv", "--quiet", "--python", sys.executable, VENV], cwd=ROOT, check=False
        ).returncode
    ):
        return True
    with open(os.path.join(VENV, "place"), "w", encoding="utf-8") as stream:
        stream.write(ROOT)
    command = [uv, "sync", "--locked", "--inexact", "--python", PYTHON]
    # behind a company's proxy only the system knows the certificates; elsewhere uv's own will do
    for more in ({}, {"UV_SYSTEM_CERTS": "1"}):
        environment = {**clean_environment(), **more}
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0:
            return False
    return True


def compile_ahead():
    """Compile the packages, as pip would have done, and the kernels; else the first run does it."""
    say("environment: compiling packages and kernels (once, about a minute)")
    quiet = {"env": clean_environment(), "stdout": subprocess.DEVNULL, "check": False}
    ask = [PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    place = subprocess.run(ask, capture_output=True, text=True, check=False).stdout.strip()
    tests = r"[\\/]tests?[\\/]"
    command = [PYTHON, "-m", "compileall", "-qq", "-j", "0", "-x", tests, place]
    # packages hold files that no Python compiles, such as templates: the code says nothing
    subprocess.run(command, stderr=subprocess.DEVNULL, **quiet)
    if subprocess.run([PYTHON, "-m", "helpers.runner.kernels"], cwd=ROOT, **quiet).returncode:
        say("environment: the kernels could not be compiled ahead; sections will do it")


def own_uv():
    """Install uv into the project's own .venv with pip, and give its path (None if it fails)."""
    say("environment: installing uv into .venv")
    if not os.path.exists(PYTHON):
        # without pip inside: Debian's Python lacks ensurepip, and the pip outside can fill it
        make = [sys.executable, "-m", "venv", "--without-pip", VENV]
        if subprocess.run(make, check=False).returncode:
            return None
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", PYTHON]
    if subprocess.run([*pip, "install", "--quiet", "uv"], check=False).returncode:
        return None
    return os.path.join(BIN, "uv.exe" if os.name == "nt" else "uv")


def clean_environment():
    """The user's environment without what would lead Python or uv to another place."""
    drop = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX", "UV_PYTHON"}
    # .venv is the project's own: to compile every package anew in every process helps nobody
    drop.add("PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if name not in drop}
    return {**kept, "UV_PROJECT_ENVIRONMENT": VENV, "PYTHONNOUSERSITE": "1"}


def say(text):
    print(text, flush=True)


def refuse(text, code=2):
    sys.stderr.write("error: " + text + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())

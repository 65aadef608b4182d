"""Builds what a release publishes, checks it, and does the main job with it.  Publishes nothing.

`python -I release.py OUT [--tag v1.2.3]`, from a checkout, with the packages of `tools.txt`; `nox -s release` does that.

OUT/dist: wheel and sdist.  OUT/more: lock file, SBOM, notes, SHA256SUMS.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))  # `-I` leaves it out

from notes import NotReady, notes_of, version_of  # noqa: E402

NOT_FOR_A_TRY = ("PAGERDUTY_", "PYTHON", "GITHUB_", "SLACK_", "WATCHBILL_", "XDG_")


def run(words: Sequence[str | Path], folder: Path, env: Mapping[str, str] | None = None) -> str:
    """Its output.  Raises NotReady where it fails."""
    done = subprocess.run(  # noqa: S603  no shell; the programs are ours
        [str(word) for word in words],
        cwd=folder,
        env=None if env is None else dict(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        shown = " ".join(Path(str(word)).name for word in words[:6])
        raise NotReady(f"`{shown}` ends with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def tool(*words: str | Path) -> list[str | Path]:
    return [sys.executable, "-I", "-m", *words]


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  the log of the job


def hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def build(tree: Path, out: Path, epoch: str) -> dict[str, str]:
    """File name -> sha256.  No build isolation: the backend is the one with a hash in tools.txt."""
    run(
        tool("build", "--no-isolation", "--outdir", out, tree),
        out.parent,
        {**os.environ, "SOURCE_DATE_EPOCH": epoch},
    )
    return {path.name: hash_of(path) for path in sorted(out.iterdir())}


def build_twice(out: Path, temp: Path, epoch: str) -> None:
    """The second time from a copy: another path, other times and modes."""
    copy = temp / "copy"
    for name in run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], ROOT).split(
        "\0"
    ):
        if name and (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    first, second = build(ROOT, out / "dist", epoch), build(copy, temp / "again", epoch)
    if first != second:
        raise NotReady(f"two builds differ:\n{json.dumps([first, second], indent=1)}")
    say(f"built twice, the same bytes: {', '.join(first)}")


def check_files(dist: Path, version: str) -> Path:
    """The wheel."""
    names = sorted(path.name for path in dist.iterdir())
    wheel, sdist = f"watchbill-{version}-py3-none-any.whl", f"watchbill-{version}.tar.gz"
    if names != [wheel, sdist]:
        raise NotReady(f"expected {wheel} and {sdist}, got {', '.join(names)}")
    run(tool("twine", "check", "--strict", dist / wheel, dist / sdist), dist)
    run(tool("check_wheel_contents", dist / wheel), dist)
    say("twine and check-wheel-contents have no complaint")
    return dist / wheel


def write_lock(out: Path, wheel: Path, version: str) -> Path:
    """All of watchbill.txt, and the wheel itself."""
    path = out / "more" / f"watchbill-{version}.lock"
    own = f"watchbill=={version} \\\n    --hash=sha256:{hash_of(wheel)}\n"
    path.write_text((HERE / "watchbill.txt").read_text("utf-8") + own, "utf-8")
    return path


def install(lock: Path, dist: Path, temp: Path) -> Path:
    """The Python of an environment that has what the lock file names and nothing else, not even pip."""
    home = temp / "installed"
    run(["python3", "-I", "-m", "venv", "--without-pip", home], temp)
    python = home / "bin" / "python"
    words = ("--quiet", "--no-compile", "--require-hashes", "--find-links", dist, "-r", lock)
    run(tool("pip", "--python", python, "install", *words), temp)
    run(tool("pip", "--python", python, "check"), temp)
    say(f"installed with --require-hashes: {lock.name}")
    return python


def do_the_main_job(python: Path, dist: Path, temp: Path) -> None:
    """From an empty folder to an account that is in sync.  `init` finds the wheel as it will on the index.

    Its own try would install all once more; `nox -s stories` has that.
    """
    folder, home = temp / "empty", temp / "home"
    folder.mkdir()
    home.mkdir()
    env = {name: text for name, text in os.environ.items() if not name.startswith(NOT_FOR_A_TRY)}
    links = " ".join([dist.resolve().as_uri(), *env.get("PIP_FIND_LINKS", "").split()])
    env |= {"HOME": str(home), "NO_COLOR": "1", "PIP_FIND_LINKS": links}
    env["PATH"] = f"{python.parent}{os.pathsep}{env['PATH']}"
    for words in (
        "init --owner @ana --no-try",
        "check",
        "plan --sandbox",
        "apply --sandbox --yes",
        "plan --sandbox --exit-code",
    ):
        run([python.parent / "watchbill", *words.split()], folder, env)
        say(f"from an empty folder: watchbill {words}")


def write_sbom(python: Path, path: Path, epoch: str) -> None:
    """CycloneDX of the environment.  Raises NotReady where it lists more or less than is installed."""
    words = (
        "environment",
        "--pyproject",
        ROOT / "pyproject.toml",
        "--output-reproducible",
        "-o",
        path,
        python,
    )
    run(tool("cyclonedx_py", *words), path.parent, {**os.environ, "SOURCE_DATE_EPOCH": epoch})
    bom = json.loads(path.read_text("utf-8"))
    parts = [bom["metadata"]["component"], *bom["components"]]
    listed = {f"{normal(part['name'])}=={part['version']}" for part in parts}
    frozen = json.loads(run(tool("pip", "--python", python, "list", "--format", "json"), path.parent))
    installed = {f"{normal(item['name'])}=={item['version']}" for item in frozen}
    if listed != installed:
        raise NotReady(f"the SBOM and the environment differ: {', '.join(sorted(listed ^ installed))}")
    say(f"SBOM: {len(installed)} packages, as installed")


def normal(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def write_sums(out: Path) -> None:
    files = sorted(path for path in out.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    text = "".join(f"{hash_of(path)}  {path.name}\n" for path in files)
    (out / "more" / "SHA256SUMS").write_text(text, "utf-8")


def release(out: Path, tag: str) -> None:
    version = version_of((ROOT / "pyproject.toml").read_text("utf-8"), tag)
    notes = notes_of((ROOT / "CHANGELOG.md").read_text("utf-8"), version, rehearsal=not tag)
    shutil.rmtree(out, ignore_errors=True)
    (out / "more").mkdir(parents=True)
    (out / "more" / "notes.md").write_text(notes, "utf-8")
    with TemporaryDirectory(prefix="watchbill-release-") as folder:
        temp = Path(folder).resolve()
        epoch = os.environ.get("SOURCE_DATE_EPOCH") or run(["git", "log", "-1", "--format=%ct"], ROOT).strip()
        build_twice(out, temp, epoch)
        wheel = check_files(out / "dist", version)
        python = install(write_lock(out, wheel, version), out / "dist", temp)
        write_sbom(python, out / "more" / "sbom.cdx.json", epoch)
        do_the_main_job(python, out / "dist", temp)
    write_sums(out)
    say(f"watchbill {version} is ready{'' if tag else ' (rehearsal: no tag)'}; nothing is published")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=lambda text: Path(text).resolve())
    parser.add_argument("--tag", default="", help="the tag that is released; empty: a rehearsal")
    words = parser.parse_args()
    try:
        release(words.out, words.tag)
    except NotReady as missing:
        print(f"error: {missing}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

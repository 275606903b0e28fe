"""What is compared: how each function is built, put into a zip and started."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import estate

ROOT = Path(__file__).resolve().parent.parent
BENCHES = ROOT / "benches"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
FOLDER = TARGET / "bench"
SEED = BENCHES / "standin.toml"
PROVISIONCTL = TARGET / "debug" / "provisionctl"
PROVISIONER = TARGET / "release" / "provisioner"
FLOOR = TARGET / "floor" / "release" / "floor"

# Where a peer's configuration lies: in its environment, with ids.
PEER = {
    "INSTANCE_ID": "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111",
    "SECRET_ID": "connect/initial-password",
    "PROFILES": json.dumps(
        {
            "CC-UK": {
                "routing_profile": "11111111-0000-4000-8000-000000000001",
                "security_profiles": ["22222222-0000-4000-8000-000000000001"],
                "hierarchy_group": "33333333-0000-4000-8000-000000000001",
            }
        }
    ),
    "POWERTOOLS_SERVICE_NAME": "hr-join",
}


@dataclass
class Variant:
    """A function that can be started before the stand-in."""

    name: str
    command: list
    folder: Path
    # MiB: ours as Cargo.toml says, the others' the least that holds their peak with room to spare.
    memory: int
    environment: dict = field(default_factory=dict)
    zip: Path | None = None
    # The floor makes no user.
    creates: bool = True


def build():
    """Builds everything, once."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    run("cargo", "build", "--locked", "--bin", "provisionctl")
    run("cargo", "build", "--release", "--locked", "--package", "connect-provisioner", "--bin", "provisioner")
    floor = BENCHES / "floor" / "Cargo.toml"
    run("cargo", "build", "--release", "--locked", "--manifest-path", floor, "--target-dir", TARGET / "floor")
    build_python()
    build_node()


def build_python():
    venv = FOLDER / "venv"
    if not venv.exists():
        run(sys.executable, "-m", "venv", venv)
    run(venv / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "-r", BENCHES / "python" / "requirements.txt")
    shutil.copytree(BENCHES / "python", FOLDER / "python", dirs_exist_ok=True)


def build_node():
    folder = FOLDER / "node"
    shutil.copytree(BENCHES / "node", folder, dirs_exist_ok=True)
    if not (folder / "node_modules").exists():
        run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", folder=folder)
    run("npm", "run", "--silent", "build", folder=folder)


def variants():
    """The function, what stands beside it, and the floor."""
    return [
        Variant("floor", [FLOOR], FOLDER, 128, zip=zipped("floor", {"bootstrap": FLOOR}), creates=False),
        ours("provisioner", 1000, 1000),
        Variant(
            "python",
            [FOLDER / "venv" / "bin" / "python", "-m", "awslambdaric", "handler.handler"],
            FOLDER / "python",
            256,
            PEER,
            zipped("python", python_files()),
        ),
        Variant(
            "node",
            ["node", "runtime.mjs", "./dist/index.cjs"],
            FOLDER / "node",
            256,
            PEER,
            zipped("node", {"index.cjs": FOLDER / "node" / "dist" / "index.cjs"}),
        ),
        large_estate(),
    ]


def ours(name, requests_per_second, burst, concurrency=1):
    """The function with the shipped configuration at another pace."""
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "provisioner.toml").write_text(shipped(requests_per_second, burst, concurrency))
    return provisioner(name, folder, ["provisioner.toml"])


def large_estate():
    folder = FOLDER / "estate"
    estate.write(folder, shipped(1000, 1000, 1))
    return provisioner("large estate", folder, ["provisioner.toml", "departments.csv"])


def provisioner(name, folder, files):
    contents = {"bootstrap": PROVISIONER} | {file: folder / file for file in files}
    return Variant(name, [PROVISIONER], folder, 256, zip=zipped(folder.name, contents))


def shipped(requests_per_second, burst, concurrency):
    text = (ROOT / "provisioner.toml").read_text()
    for key, value in [
        ("requests_per_second = 2 ", f"requests_per_second = {requests_per_second} "),
        ("burst = 5", f"burst = {burst}"),
        ("concurrency = 2 ", f"concurrency = {concurrency} "),
    ]:
        if text.count(key) != 1:
            raise RuntimeError(f"provisioner.toml no longer says {key!r}")
        text = text.replace(key, value)
    return text


def python_files():
    """What is deployed: the handler and the packages, without the runtime client, which Lambda brings."""
    packages = next((FOLDER / "venv" / "lib").glob("python3*")) / "site-packages"
    left_out = ("pip", "setuptools", "_distutils", "distutils", "pkg_resources", "awslambdaric", "snapshot", "simplejson", "runtime_client")
    files = {"handler.py": FOLDER / "python" / "handler.py"}
    for file in packages.rglob("*"):
        name = file.relative_to(packages).as_posix()
        if file.is_file() and not name.startswith(left_out) and "__pycache__" not in name:
            files[name] = file
    return files


def zipped(name, files):
    path = FOLDER / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for inside, file in files.items():
            archive.write(file, inside)
    return path


def run(*command, folder=ROOT):
    subprocess.run([os.fspath(part) for part in command], cwd=folder, check=True)

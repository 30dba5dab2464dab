"""Packs what a bare machine needs: a Java runtime, the worker and its tests, the command line, this script."""
import json
import pathlib
import shutil
import subprocess
import tarfile
import tempfile
import time

from machine import CLI, FAKE, ROOT, WORKER, Failure, commit, jar, java_home

MODULES = (
    "java.base,java.logging,java.management,java.naming,java.net.http,java.xml,jdk.unsupported,jdk.incubator.vector,"
    "jdk.crypto.ec,jdk.management,jdk.zipfs"
)
NAME = "gpu-check"
MOST_BYTES = 40_000_000


def build(fake):
    """Builds worker, tests and command line where there is a checkout with Maven; otherwise what is there serves."""
    if not (ROOT / "pom.xml").is_file():
        return
    if shutil.which("mvn") is None:
        raise Failure("Maven is needed to build; without it: ./bench/gpu-check run, on what is built")
    print("building (some minutes the first time)", flush=True)
    subprocess.run(
        ["mvn", "-q", "-B", "-ntp", "-pl", "gpu-worker,cli", "-am", "-DskipTests", "package"], cwd=ROOT, check=True
    )
    if fake and not FAKE.is_file():
        raise Failure("no fake driver was built: that needs g++")


def write(folder):
    build(False)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{NAME}.tar.xz"
    with tempfile.TemporaryDirectory() as temporary:
        top = pathlib.Path(temporary, NAME)
        fill(top)
        print("packing", flush=True)
        with tarfile.open(target, "w:xz", preset=9) as archive:
            archive.add(top, NAME)
    size = target.stat().st_size
    print(f"{target}: {size / 1e6:.1f} MB, commit {commit()}")
    print(f"there: tar xf {target.name} && {NAME}/bench/gpu-check run")
    print(f"   or: python3 -m tarfile -e {target.name} && python3 {NAME}/bench/gpu-check run")
    if size > MOST_BYTES:
        raise Failure(f"that is more than the {MOST_BYTES / 1e6:.0f} MB that it is to be")


def fill(top):
    # Classes that only tests load; nobody reads their debug information there.
    jlink = [
        str(java_home() / "bin" / "jlink"), "--add-modules", MODULES, "--strip-debug", "--no-header-files", "--no-man-pages",
        "--compress", "zip-0", "--output", str(top / "jre"),
    ]
    subprocess.run(jlink, check=True)
    (top / "gpu-check.json").write_text(json.dumps({"commit": commit(), "built": time.strftime("%Y-%m-%d", time.gmtime())}))
    copy(top, ROOT / "bench" / "gpu-check")
    for file in (ROOT / "bench" / "gpu").glob("*.py"):
        copy(top, file)
    for file in (ROOT / "deploy").glob("*.options"):
        copy(top, file)
    worker = sorted((WORKER / "lib").glob("*.jar"))
    have = {file.name for file in worker}
    for file in [jar(WORKER, "gpu-worker"), jar(CLI, "cli"), *worker, *sorted((CLI / "lib").glob("*.jar"))]:
        copy(top, file)
    for file in sorted((WORKER / "test-lib").glob("*.jar")):
        if file.name not in have:
            copy(top, file)
    shutil.copytree(WORKER / "test-classes", top / (WORKER / "test-classes").relative_to(ROOT))
    if FAKE.is_file():
        for file in FAKE.parent.glob("*.so.1"):
            copy(top, file)


def copy(top, file):
    to = top / file.relative_to(ROOT)
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(file, to)

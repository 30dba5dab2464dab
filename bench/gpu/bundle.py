"""Packs what a bare machine needs: a Java runtime, the worker and its tests, the command line, this script."""
import json
import lzma
import os
import pathlib
import shutil
import subprocess
import tarfile
import tempfile
import time
import zipfile

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
    built = subprocess.run(
        ["mvn", "-q", "-B", "-ntp", "-pl", "gpu-worker,cli", "-am", "-DskipTests", "package"], cwd=ROOT, check=False
    )
    if built.returncode != 0:
        raise Failure("Maven could not build it")
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
        filters = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": 1 << 26}]
        with lzma.open(target, "wb", filters=filters) as compressed:
            with tarfile.open(fileobj=compressed, mode="w|") as archive:
                archive.add(top, NAME)
    size = target.stat().st_size
    print(f"{target}: {size / 1e6:.1f} MB, commit {commit()}")
    print(f"there: tar xf {target.name} && {NAME}/bench/gpu-check run")
    print(f"   or: python3 -m tarfile -e {target.name} && python3 {NAME}/bench/gpu-check run")
    if size > MOST_BYTES:
        raise Failure(f"that is more than the {MOST_BYTES / 1e6:.0f} MB that it is to be")


def fill(top):
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
    copy(top, jar(WORKER, "gpu-worker"))
    copy(top, jar(CLI, "cli"))
    libraries = {}
    for folder in (WORKER / "lib", WORKER / "test-lib", CLI / "lib"):
        for file in sorted(folder.glob("*.jar")):
            library(top, file, libraries)
    shutil.copytree(WORKER / "test-classes", top / (WORKER / "test-classes").relative_to(ROOT))
    if FAKE.is_file():
        for file in FAKE.parent.glob("*.so.1"):
            copy(top, file)


def copy(top, file):
    """A file to its place; what is in a jar is not compressed there, so that all of them are, together."""
    to = top / file.relative_to(ROOT)
    to.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix != ".jar":
        shutil.copy2(file, to)
        return
    with zipfile.ZipFile(file) as packed, zipfile.ZipFile(to, "w", zipfile.ZIP_STORED) as plain:
        for entry in packed.infolist():
            if not entry.is_dir() and needed(file, entry.filename):
                plain.writestr(entry.filename, packed.read(entry))


def needed(file, entry):
    """Of the binding's libraries, one is used where there is a driver."""
    return not file.name.startswith("jcuda-natives") or "JCudaDriver" in entry or entry.startswith("META-INF")


def library(top, file, libraries):
    """Each once; in other places of it there are links."""
    if file.name not in libraries:
        libraries[file.name] = file
        copy(top, file)
        return
    if file.parent == WORKER / "test-lib":
        return  # The worker's own libraries come with its jar.
    link = top / file.relative_to(ROOT)
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(os.path.relpath(libraries[file.name], file.parent))

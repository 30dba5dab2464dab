"""Where things are, in a checkout and in a bundle alike, and how they are run."""
import glob
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORKER = ROOT / "gpu-worker" / "target"
CLI = ROOT / "cli" / "target"
FAKE = WORKER / "fake-cuda" / "libcuda.so.1"
ABOUT = ROOT / "gpu-check.json"


class Failure(Exception):
    """Something that a person has to do something about."""


def java_home():
    """The bundle's, or a JDK 25 of this machine."""
    bundled = ROOT / "jre"
    if bundled.is_dir():
        return bundled
    java = shutil.which("java")
    homes = [os.environ.get("JAVA_HOME", ""), str(pathlib.Path(java).resolve().parents[1]) if java else ""]
    folders = ("/usr/lib/jvm/*", "~/.sdkman/candidates/java/*", "~/.jdks/*", "/opt/*jdk*", "/opt/java/*")
    for home in homes + [found for folder in folders for found in sorted(glob.glob(os.path.expanduser(folder)))]:
        release = pathlib.Path(home, "release")
        if home and release.is_file() and 'JAVA_VERSION="25' in release.read_text() and pathlib.Path(home, "bin/javac").exists():
            return pathlib.Path(home)
    raise Failure("no JDK 25 found; set JAVA_HOME")


def jar(folder, module):
    found = [path for path in folder.glob(f"millrace-{module}-*.jar") if path.stem[-1].isdigit()]
    if not found:
        raise Failure(f"{module} is not built; run ./millrace, or mvn verify")
    return found[0]


def commit():
    """What this is, and whether something was changed since."""
    if ABOUT.is_file():
        return json.loads(ABOUT.read_text())["commit"]
    git = ["git", "-C", str(ROOT)]
    try:
        name = subprocess.run(git + ["rev-parse", "--short=10", "HEAD"], capture_output=True, text=True, check=True)
        changes = subprocess.run(git + ["status", "--porcelain", "-uno"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return name.stdout.strip() + (" with changes" if changes.stdout.strip() else "")


def environment(fake, **more):
    result = dict(os.environ, MILLRACE_JAVA_HOME=str(java_home()), **more)
    for name in ("MILLRACE_CUDA_DRIVER", "MILLRACE_DEVICE"):
        result.pop(name, None)
    if fake:
        if not FAKE.is_file():
            raise Failure(f"there is no fake driver {FAKE}: it is built with the tests, where there is g++")
        result["MILLRACE_CUDA_DRIVER"] = str(FAKE)
    return result


def millrace(*words):
    """The command line of `millrace ...`."""
    java = str(java_home() / "bin" / "java")
    return [java, "-XX:+UseSerialGC", f"-Dmillrace.root={ROOT}", "-jar", str(jar(CLI, "cli")), *words]


def tests(fake, folder, *words):
    """The command line of tests, whose reports go to that folder. It is for the folder of the module."""
    java = str(java_home() / "bin" / "java")
    flags = ["--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"]
    if not fake:
        flags.append("-Dmillrace.test.device=real")
    path = [WORKER / "test-classes", jar(WORKER, "gpu-worker"), *sorted((WORKER / "test-lib").glob("*.jar"))]
    return [
        java, *flags, f"@{ROOT / 'deploy' / 'jvm-worker.options'}", "-cp", os.pathsep.join(map(str, path)),
        "org.junit.platform.console.ConsoleLauncher", "execute", "--disable-banner", "--disable-ansi-colors",
        "--details=none", "--include-tag=device", f"--reports-dir={folder}", *words,
    ]


class Process:
    """A program with all that it starts, which ends when it is left."""

    def __init__(self, command, env, cwd=None):
        self.process = subprocess.Popen(
            command, env=env, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, start_new_session=True,
        )
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def line(self, deadline):
        """The next line of its output; None at its end. TimeoutError past the deadline."""
        try:
            return self.lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise TimeoutError() from None

    def say(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # Its end, and its last words, come by `line`.


def output(command, env, seconds, cwd=None):
    """What it said, and its exit code: None where it did not end in time."""
    deadline = time.monotonic() + seconds
    said = []
    with Process(command, env, cwd) as process:
        try:
            while (line := process.line(deadline)) is not None:
                said.append(line)
            return said, process.process.wait(timeout=10)
        except (TimeoutError, subprocess.TimeoutExpired):
            return said, None


def why(said):
    """The line of an output that says what went wrong."""
    for line in said:
        if line.startswith("error: "):
            return line[len("error: "):]
    return said[-1] if said else "it said nothing"


def facts(fake):
    """What this machine is, for people."""
    model = re.search(r"model name\s*:\s*(.*)", read("/proc/cpuinfo"))
    memory = re.search(r"MemTotal:\s*(\d+)", read("/proc/meminfo"))
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "commit": commit(),
        "host": f"{model.group(1) if model else 'unknown CPU'}, {len(os.sched_getaffinity(0))} processors, "
        f"{int(memory.group(1)) / (1 << 20):.0f} GiB" if memory else "unknown",
        "driver": "none: kernels run on the CPU" if fake else driver(),
    }


def driver():
    if shutil.which("nvidia-smi"):
        query = ["nvidia-smi", "--query-gpu=driver_version,power.limit,clocks.max.sm,clocks.max.memory", "--format=csv,noheader"]
        asked = subprocess.run(query, capture_output=True, text=True, check=False)
        if asked.returncode == 0 and asked.stdout.strip():
            version, power, sm, memory = (asked.stdout.splitlines()[0].split(", ") + ["?"] * 4)[:4]
            return f"{version}, power limit {power}, clocks up to {sm} and {memory} (memory)"
    found = re.search(r"Module\s+(\S+)", read("/proc/driver/nvidia/version"))
    return found.group(1) if found else "unknown"


def read(path):
    try:
        return pathlib.Path(path).read_text()
    except OSError:
        return ""

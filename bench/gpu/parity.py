"""The tests of kernels and of whole models that need a device and nothing else, class by class."""
import re
import shutil
import tempfile
import time
import xml.etree.ElementTree as xml

from machine import WORKER, output, tests, why

SECONDS = 240
SANITIZED = "dev.millrace.worker.kernel.CudaParityTest"
MOST_NAMED = 5


def classes():
    """Those that have the tag, kernels before what is built on them; the launcher leaves out tests that do not."""
    folder = WORKER / "test-classes"
    found = []
    for file in folder.rglob("*Test.class"):
        content = file.read_bytes()
        if b"Lorg/junit/jupiter/api/Tag;" in content and b"\x06device" in content:
            found.append(".".join(file.relative_to(folder).with_suffix("").parts))
    return sorted(found, key=lambda name: (".kernel." not in name, name))


def check(run):
    kept = run.found.setdefault("parity", {})
    for name in classes():
        if run.given.tests not in name:
            continue
        if kept.get(name, {}).get("failed") == 0 and "failure" not in kept[name]:
            continue
        result = one(run, name) if run.left() > 0 else None
        if result is None:
            run.keep("parity: no time left; run it again to go on")
            return
        kept[name] = result
        run.keep(f"parity: {describe(name, kept[name])}")


def describe(name, result):
    counts = ", ".join(f"{result[what]} {what}" for what in ("passed", "failed", "skipped") if what in result)
    return f"{name.rsplit('.', 1)[1]}: {result.get('failure') or counts}"


def one(run, name, before=(), seconds=SECONDS):
    """None where it was not over when the time was."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.monotonic()
        command = [*before, *tests(run.fake, folder, f"--select-class={name}")]
        said, code = output(command, run.environment(), min(seconds, max(1, run.left())), cwd=WORKER.parent)
        if code is None and run.left() <= 0:
            return None
        result = {"seconds": round(time.monotonic() - start, 1)}
        try:
            result.update(report(f"{folder}/TEST-junit-jupiter.xml"))
        except (OSError, xml.ParseError):
            result["failure"] = "it took too long" if code is None else why(said)
        result["said"] = said[-20:] if before or "failure" in result else []
        return result


def report(file):
    """What JUnit's report says."""
    cases = xml.parse(file).getroot().findall("testcase")
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    skipped = [case for case in cases if case.find("skipped") is not None]
    return {
        "passed": len(cases) - len(failed) - len(skipped),
        "failed": len(failed),
        "skipped": len(skipped),
        "failures": [f"{case.get('name')}: {message(case)}" for case in failed[:MOST_NAMED]],
    }


def message(case):
    for kind in ("failure", "error"):
        found = case.find(kind)
        if found is not None:
            return " ".join((found.get("message") or found.get("type") or "").split())[:300]
    return ""


def sanitize(run):
    """One class once more under NVIDIA's checker of memory accesses, where that is there."""
    if run.found.get("sanitizer", {}).get("errors") is not None:
        return
    tool = shutil.which("compute-sanitizer") or shutil.which("/usr/local/cuda/bin/compute-sanitizer")
    if run.fake or tool is None:
        run.found["sanitizer"] = {"note": "not run: " + ("kernels run on the CPU" if run.fake else "no compute-sanitizer here")}
        run.keep(f"sanitizer: {run.found['sanitizer']['note']}")
        return
    result = one(run, SANITIZED, [tool, "--tool", "memcheck", "--target-processes", "all"], run.left())
    if result is None:
        run.keep("sanitizer: no time left; run it again to go on")
        return
    summary = re.search(r"ERROR SUMMARY: (\d+)", "\n".join(result["said"]))
    result["errors"] = int(summary.group(1)) if summary else None
    run.found["sanitizer"] = result
    run.keep(f"sanitizer: {describe(SANITIZED, result)}, errors of memory: {result['errors']}")

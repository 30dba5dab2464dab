"""Decode and prefill of models with random weights: `millrace bench synth` and `millrace bench model`."""
import json
import pathlib
import statistics
import tempfile
import time

from machine import Process, millrace, output, why

REPEATS = 3
# Longer than this, one measurement is enough.
SLOW_SECONDS = 15
LOAD_SECONDS = 240
TEST_SECONDS = 240
LEAVE_SECONDS = 10
# Bytes a second that a file is written with, until one was.
WRITE_RATE = 0.5e9


class Plan:
    """A model, and what is measured with it in the order of what is worth most."""

    def __init__(self, shape, kind, gigabytes, decodes, prefills, steps):
        self.shape = shape
        self.kind = kind
        self.bytes = gigabytes * 1e9
        self.decodes = decodes
        self.prefills = prefills
        self.steps = steps

    def name(self):
        return f"{self.shape}/{self.kind}"

    def tests(self):
        """The middle first: where time runs out, the ends of the table are empty."""
        decodes = [f"decode {n}" for n in self.decodes]
        prefills = [f"prefill {n}" for n in self.prefills]
        return decodes[:3] + prefills[:1] + decodes[3:5] + prefills[1:] + decodes[5:]


BATCHES = (1, 8, 32, 64, 2, 4, 16)
PROMPTS = (512, 2048, 128)
REAL = [
    Plan(shape, kind, gigabytes, BATCHES, PROMPTS, 48)
    for shape, kind, gigabytes in (
        ("llama-3.1-8b", "q4_k_m", 4.9),
        ("qwen2.5-32b", "q4_k_m", 19.9),
        ("llama-3.1-8b", "q8_0", 8.5),
        ("llama-3.1-8b", "f16", 16.1),
        ("qwen2.5-32b", "q8_0", 34.8),
        ("qwen2.5-32b", "f16", 65.5),
    )
]
TINY = [
    Plan("tiny-llama", "q4_k_m", 0.01, (1, 2, 4), (16,), 4),
    Plan("tiny-qwen2", "q8_0", 0.01, (1, 3), (16,), 4),
]


def measure(run):
    kept = run.found.setdefault("models", {})
    rate = [WRITE_RATE]
    for plan in TINY if run.fake else REAL:
        if run.given.model and plan.name() not in run.given.model:
            continue
        for stages in (1, 2):
            result = kept.setdefault(f"{plan.name()}/{stages}", {})
            result.update(shape=plan.shape, kind=plan.kind, stages=stages)
            result.setdefault("cells", {})
        one(run, plan, [kept[f"{plan.name()}/{stages}"] for stages in (1, 2)], rate)


def one(run, plan, results, rate):
    """Both rows of a model; its file is there meanwhile, and stays where time ran out before it was done with."""
    if not any(missing(plan, result) for result in results):
        return
    file = folder(run) / f"{plan.shape}-{plan.kind}.gguf"
    note = ready(run, plan, file, rate)
    if note:
        for result in results:
            result["note"] = note
        run.keep(f"{plan.name()}: {note}")
        return
    for result in results:
        wanted = missing(plan, result)
        if wanted:
            row(run, plan, file, result, wanted)
    if run.left() > 0 or not any(missing(plan, result) for result in results):
        file.unlink()


def missing(plan, result):
    return [test for test in plan.tests() if test not in result["cells"]]


def folder(run):
    chosen = run.given.models or pathlib.Path(tempfile.gettempdir(), "millrace-gpu-check")
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen


def ready(run, plan, file, rate):
    """Writes the model where it is not there; says why it is not run, if so."""
    if file.is_file():
        return None
    seconds = plan.bytes / rate[0]
    if seconds > run.left():
        return f"not run: its {plan.bytes / 1e9:.0f} GB would take about {seconds:.0f} s to write, {max(0, run.left()):.0f} s are left"
    start = time.monotonic()
    command = millrace("bench", "synth", "--shape", plan.shape, "--type", plan.kind, "--output", str(file))
    said, code = output(command, run.environment(), run.left())
    if code != 0:
        return "not run: " + ("writing it took too long" if code is None else why(said))
    took = time.monotonic() - start
    if plan.bytes > 1e9:
        rate[0] = plan.bytes / took
    print(f"{plan.name()}: {file.stat().st_size / 1e9:.1f} GB written in {took:.0f} s", flush=True)
    return None


def row(run, plan, file, result, wanted):
    """What is missing of a model in so many stages."""
    room = ["--sequences", str(max(plan.decodes)), "--tokens", str(plan.steps), "--prompt", str(max(plan.prefills))]
    command = millrace(
        "bench", "model", str(file), "--device", "cuda:0", "--stages", str(result["stages"]), "--interactive",
        "--warm-up", "200", *room,
    )
    name = f"{plan.name()}, {result['stages']} stage" + ("s" if result["stages"] > 1 else "")
    result.pop("note", None)
    start = time.monotonic()
    with Process(command, run.environment()) as process:
        try:
            about = answer(process, min(start + LOAD_SECONDS, run.deadline))
            result["load_seconds"] = round(time.monotonic() - start, 1)
            result["weight_bytes"] = about["weight_bytes"]
            for test in wanted:
                result["cells"][test] = cell(run, process, plan, test)
                run.keep(f"{name}: {test}: {result['cells'][test]['tokens_per_second']:.1f} tokens/s")
        except TimeoutError:
            result["note"] = "not all: " + ("no time left" if run.left() <= 0 else "a test took too long")
        except RuntimeError as failure:
            result["note"] = f"failed: {failure}"
        leave(process)
    if "note" in result:
        run.keep(f"{name}: {result['note']}")


def leave(process):
    """Gives it a moment to give everything back."""
    process.say("exit")
    deadline = time.monotonic() + LEAVE_SECONDS
    try:
        while process.line(deadline) is not None:
            pass
    except TimeoutError:
        pass


def cell(run, process, plan, test):
    """Medians of a few measurements."""
    words = f"{test} {plan.steps}" if test.startswith("decode") else test
    measured = []
    while len(measured) < REPEATS and (not measured or measured[-1]["wall_seconds"] < SLOW_SECONDS):
        process.say(words)
        measured.append(answer(process, min(time.monotonic() + TEST_SECONDS, run.deadline)))
    steps = plan.steps if test.startswith("decode") else 1
    result = {key: statistics.median(each[key] for each in measured) for key in measured[0] if key != "tokens"}
    result["tokens_per_second"] = statistics.median(each["tokens"] / each["wall_seconds"] for each in measured)
    result["step_seconds"] = result["wall_seconds"] / steps
    result["measurements"] = len(measured)
    return result


def answer(process, deadline):
    """The next JSON object that it says; everything else is for people."""
    said = []
    while (line := process.line(deadline)) is not None:
        if line.startswith("{"):
            found = json.loads(line)
            if "error" in found:
                raise RuntimeError(found["error"])
            return found
        said.append(line)
    raise RuntimeError(why(said))

"""What the device does at best: `millrace bench device`."""
import json

from machine import millrace, output, why

SECONDS = 180


def measure(run):
    if "device" in run.found and "read_bytes_per_second" in run.found["device"]:
        return
    # Compiled kernels are kept from run to run; how long compiling takes is one of the questions.
    env = run.environment(CUDA_CACHE_DISABLE="1")
    said, code = output(millrace("bench", "device", "--device", "cuda:0", "--json"), env, min(SECONDS, run.left()))
    answers = [line for line in said if line.startswith("{")]
    if code == 0 and answers:
        run.found["device"] = json.loads(answers[0])
        run.keep(f"device: {run.found['device']['read_bytes_per_second'] / 1e9:.0f} GB/s")
    else:
        run.found["device"] = {"failure": "it took too long" if code is None else why(said)}
        run.keep(f"device: failed: {run.found['device']['failure']}")

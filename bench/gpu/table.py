"""What was found, as Markdown."""

AIMS = (
    # What is held against which bound, and whether it has to be above it.
    ("32B Q4_K_M, batch 1: % of the bandwidth", lambda found: percent(found, "qwen2.5-32b/q4_k_m/1", "decode 1"), 75, True),
    ("8B Q4_K_M, batch 1: % of the bandwidth", lambda found: percent(found, "llama-3.1-8b/q4_k_m/1", "decode 1"), 60, True),
    ("8B Q4_K_M, batch 1: us of host a step", lambda found: cell(found, "llama-3.1-8b/q4_k_m/1", "decode 1", "start_microseconds"), 50, False),
    ("8B Q4_K_M, step at batch 8 / at batch 1", lambda found: steps(found, "llama-3.1-8b/q4_k_m/1", 8), 1.25, False),
    ("8B Q4_K_M, step at batch 32 / at batch 1", lambda found: steps(found, "llama-3.1-8b/q4_k_m/1", 32), 1.7, False),
    ("8B Q4_K_M, prefill 2048: TFLOP/s", lambda found: teraflops(found, "llama-3.1-8b/q4_k_m/1"), 300, True),
    ("8B F16, prefill 2048: TFLOP/s", lambda found: teraflops(found, "llama-3.1-8b/f16/1"), 350, True),
)


def cell(found, row, test, key):
    return found.get("models", {}).get(row, {}).get("cells", {}).get(test, {}).get(key)


def bandwidth(found):
    return found.get("device", {}).get("read_bytes_per_second")


def percent(found, row, test):
    rate = cell(found, row, test, "bytes_per_second")
    return 100 * rate / bandwidth(found) if rate and bandwidth(found) else None


def steps(found, row, batch):
    many, one = (cell(found, row, f"decode {n}", "step_seconds") for n in (batch, 1))
    return many / one if many and one else None


def teraflops(found, row):
    rate = cell(found, row, "prefill 2048", "operations_per_second")
    return rate / 1e12 if rate else None


def failures(found):
    """Whether something is wrong, which is not the same as slow."""
    results = list(found.get("parity", {}).values())
    return (
        any(result.get("failed", 1) for result in results)
        or "failure" in found.get("device", {})
        or any(str(row.get("note", "")).startswith("failed") for row in found.get("models", {}).values())
        or bool(found.get("sanitizer", {}).get("errors"))
    )


def markdown(found):
    parts = [head(found), device(found), parity(found), decode(found), host(found), prefill(found), notes(found), aims(found)]
    return "\n\n".join(part for part in parts if part) + "\n"


def rows(*lines):
    width = len(lines[0])
    texts = [lines[0], ["---"] * width, *lines[1:]]
    return "\n".join("| " + " | ".join(str(value) for value in line) + " |" for line in texts)


def head(found):
    facts = found["facts"]
    about = found.get("device", {})
    name = about.get("device", "a CUDA device")
    card = f"{name}, compute capability {about['capability']}, {about['total_bytes'] / (1 << 30):.0f} GiB, " \
        f"{about['processors']} processors, L2 cache of {about['l2_bytes'] / (1 << 20):.0f} MiB" if "capability" in about else "unknown"
    version = f"{facts['driver']}; CUDA {about['cuda_version']}" if "cuda_version" in about else facts["driver"]
    return f"# Millrace on {name}\n\n" + rows(
        ("what", "which"), ("date", facts["date"]), ("commit", facts["commit"]), ("device", card), ("driver", version),
        ("host", facts["host"]), ("command", "`bench/gpu-check run`"),
    )


def device(found):
    about = found.get("device")
    if about is None:
        return ""
    if "failure" in about:
        return f"## Device\n\nNot measured: {about['failure']}"
    launches = rows(
        ("launch of an empty kernel", "host, us", "device, us"),
        *((each["how"], f"{each['host_micros']:.2f}", f"{each['device_micros']:.2f}") for each in about["launches"]),
    )
    copies = rows(
        ("copy, pinned memory", "up, us", "down, us", "up, GB/s", "down, GB/s"),
        *(
            (
                size(each["bytes"]), f"{each['up_micros']:.1f}", f"{each['down_micros']:.1f}",
                f"{each['up_bytes_per_second'] / 1e9:.2f}", f"{each['down_bytes_per_second'] / 1e9:.2f}",
            )
            for each in about["copies"]
        ),
    )
    slowest = max(about["loads"], key=lambda each: each["millis"])
    return (
        f"## Device\n\nMemory is read at **{about['read_bytes_per_second'] / 1e9:.0f} GB/s** "
        f"({size(about['read_bytes'])} at once, the best of several runs): the roof that percentages below are of. "
        f"The driver compiles {len(about['loads'])} files of kernels in {sum(each['millis'] for each in about['loads']):.0f} ms, "
        f"{slowest['file']} in {slowest['millis']:.0f} of them.\n\n{launches}\n\n{copies}"
    )


def size(count):
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if count >= unit:
            return f"{count / unit:.4g} {name}"
    return f"{count} B"


def parity(found):
    kept = found.get("parity")
    if not kept:
        return ""
    lines = [
        (name.rsplit(".", 1)[1], result.get("passed", "-"), result.get("failed", "-"), result.get("skipped", "-"), result["seconds"])
        for name, result in kept.items()
    ]
    wrong = [f"- {name}: {text}" for name, result in kept.items() for text in [*result.get("failures", []), *filter(None, [result.get("failure")])]]
    checked = found.get("sanitizer", {})
    memory = checked.get("note") or f"{checked.get('errors')} errors" if checked else "not run"
    return (
        "## Parity\n\nTests against the CPU's operations; what only the fake driver can tell is skipped on a real one.\n\n"
        + rows(("test class", "passed", "failed", "skipped", "seconds"), *lines)
        + ("\n\n" + "\n".join(wrong) if wrong else "")
        + f"\n\nUnder compute-sanitizer's memcheck: {memory}."
    )


def tests(found, kind):
    """Those that any model has, by their numbers."""
    all_cells = {test for row in found.get("models", {}).values() for test in row["cells"]}
    return sorted(int(test.split()[1]) for test in all_cells if test.startswith(kind))


def matrix(found, kind, title, text):
    numbers = tests(found, kind)
    if not numbers:
        return ""
    lines = []
    for key, row in found["models"].items():
        if any(test.startswith(kind) for test in row["cells"]):
            values = [row["cells"].get(f"{kind} {n}") for n in numbers]
            lines.append((row["shape"], row["kind"].upper(), row["stages"], *(text(key, f"{kind} {n}", value) if value else "-" for n, value in zip(numbers, values))))
    return title + rows(("shape", "type", "stages", *numbers), *lines)


def decode(found):
    def text(key, test, value):
        share = percent(found, key, test)
        return f"{value['tokens_per_second']:.4g} ({share:.0f}%)" if share else f"{value['tokens_per_second']:.4g}"

    return matrix(
        found, "decode",
        "## Decode\n\nTokens a second of all sequences together, by how many decode at a time; in brackets what reading the "
        "weights once a step, and keys and values, is of the bandwidth measured above.\n\n", text,
    )


def host(found):
    return matrix(
        found, "decode",
        "Microseconds of the host a step, packing, upload and launch; with two stages also the first one's step:\n\n",
        lambda key, test, value: f"{value['start_microseconds']:.0f}",
    )


def prefill(found):
    return matrix(
        found, "prefill",
        "## Prefill\n\nTokens a second by the length of a prompt, in brackets TFLOP/s.\n\n",
        lambda key, test, value: f"{value['tokens_per_second']:.4g} ({value['operations_per_second'] / 1e12:.3g})",
    )


def notes(found):
    lines = [
        f"- {row['shape']} {row['kind'].upper()}, {row['stages']} stage{'s' if row['stages'] > 1 else ''}: {row['note']}"
        for row in found.get("models", {}).values()
        if "note" in row
    ]
    return "\n".join(lines)


def aims(found):
    lines = []
    for name, value, bound, above in AIMS:
        measured = value(found)
        if measured is not None:
            met = measured >= bound if above else measured <= bound
            lines.append((name, f"{'>=' if above else '<='} {bound}", f"{measured:.3g}", "yes" if met else "no"))
    return "## Against the aims\n\n" + rows(("what", "aim", "measured", "met"), *lines) if lines else ""

"""The parts, in the order of what is worth most; each keeps what it has found as soon as it has it."""
import json
import signal
import sys
import time

import device
import models
import parity
import table
from machine import Failure, environment, facts

PARTS = {
    "device": device.measure,
    "parity": parity.check,
    "models": models.measure,
    "sanitizer": parity.sanitize,
}


class Run:
    """What was asked for, the time that is left, and what was found so far, before and now."""

    def __init__(self, given):
        self.given = given
        self.fake = given.fake
        self.deadline = time.monotonic() + 60 * given.minutes
        self.file = given.out.with_suffix(".json")
        self.found = self._before()
        self.found["facts"] = facts(self.fake)

    def _before(self):
        if not self.file.is_file() or self.given.again:
            return {}
        found = json.loads(self.file.read_text())
        now, then = facts(self.fake), found.get("facts", {})
        for what in ("commit", "driver", "host"):
            if now[what] != then.get(what):
                raise Failure(f"{self.file} is of {what} {then.get(what)}, this is {now[what]}; --again begins anew")
        return found

    def left(self):
        """Seconds."""
        return self.deadline - time.monotonic()

    def environment(self, **more):
        return environment(self.fake, **more)

    def keep(self, message):
        """Writes what was found, and says what that is."""
        self.given.out.parent.mkdir(parents=True, exist_ok=True)
        write(self.file, json.dumps(self.found, indent=1))
        write(self.given.out, table.markdown(self.found))
        print(message, flush=True)


def write(file, text):
    new = file.with_name(file.name + ".new")
    new.write_text(text)
    new.replace(file)


def run(given):
    """Runs the parts and gives the code to exit with: 0 where everything that was run is right."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    now = Run(given)
    for name, part in PARTS.items():
        if given.only and name not in given.only:
            continue
        if now.left() <= 0:
            now.keep(f"{name}: no time left; run it again to go on")
            continue
        part(now)
    now.keep(f"written: {given.out}")
    return 1 if table.failures(now.found) else 0

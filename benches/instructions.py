"""How many instructions the function takes to start, to answer a first batch of 10 joins, and for each warm record.

    python3 benches/instructions.py FUNCTION          fails where benches/instructions.json is exceeded by 5 %
    python3 benches/instructions.py FUNCTION --write  writes that file

FUNCTION is the release build; `provisionctl` is the debug build. Needs valgrind. Its counts, unlike times, repeat.
"""

import argparse
import json
import os
import re
import tempfile
from pathlib import Path

import joins
from aws import Aws
from function import Function
from variants import BENCHES, PROVISIONCTL, SEED, shipped

KEPT = BENCHES / "instructions.json"
MOST_GROWTH = 0.05
BATCH, WARM = 10, 5


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("function", type=Path)
    arguments.add_argument("--write", action="store_true")
    chosen = arguments.parse_args()
    counts = counted(chosen.function.resolve())
    if chosen.write:
        KEPT.write_text(json.dumps(counts, indent=2) + "\n")
    compare(counts, json.loads(KEPT.read_text()))


def counted(function):
    """Each is a difference of lives that end at another point: before the first event, and after so many batches."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # A pace that nobody waits for.
        (folder / "provisioner.toml").write_text(shipped(1000, 1000, 1))
        started, answered, warm = (life(function, folder, batches) for batches in (0, 1, 1 + WARM))
    return {
        "to_the_first_next": started,
        "to_the_first_answer": answered,
        "a_warm_record": (warm - answered) // (WARM * BATCH),
    }


def life(function, folder, batches):
    """The instructions of a function that is ended when it asks for more than so many batches."""
    log, counts = folder / "function.log", folder / "valgrind.log"
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}", f"--log-file={counts}", function]
    aws = Aws(PROVISIONCTL, folder, SEED)
    with aws, Function(command, aws.environment(), folder, log) as running:
        for _ in range(batches):
            answer, *_ = running.invoke(joins.batch(BATCH))
            if answer != {"batchItemFailures": []}:
                raise RuntimeError(f"the function answered {answer}\n{log.read_text()}")
        running.process.terminate()
        running.process.wait()
    if aws.created() != batches * BATCH:
        raise RuntimeError(f"it made {aws.created()} users in {batches} batches: {dict(aws.calls)}")
    return int(re.search(r"Collected : (\d+)", counts.read_text())[1])


def compare(counts, kept):
    grown = []
    for name, count in counts.items():
        print(f"{name:20} {count:>12,}   was {kept[name]:>12,}  {count / kept[name] - 1:+.1%}")
        if count > kept[name] * (1 + MOST_GROWTH):
            grown.append(name)
    if grown:
        raise SystemExit(f"grown by more than {MOST_GROWTH:.0%}: {', '.join(grown)}; make it cheaper, or --write and say why")


if __name__ == "__main__":
    main()

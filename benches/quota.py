"""A hundred joins under a quota of Amazon Connect, by one copy of a function or several that share a queue."""

import threading
import time
from collections import deque

import joins
from aws import Aws
from function import IN_INIT, Function
from variants import FOLDER, PROVISIONCTL, SEED

PEOPLE = 100
BATCH = 10
BURST = 5
# SQS's default: so long does a record that is handed back stay away.
VISIBILITY_SECONDS = 30


class Queue:
    """What Lambda's poller does: batches out, and what is handed back out again, later."""

    def __init__(self, records):
        self.lock = threading.Condition()
        self.records = deque((0.0, record) for record in records)
        self.in_flight = 0
        self.handed_back = 0
        self.billed = 0.0

    def batch(self):
        with self.lock:
            while self.records or self.in_flight:
                due = [one for one in self.records if one[0] <= time.monotonic()][:BATCH]
                if due:
                    self.records = deque(one for one in self.records if one not in due)
                    self.in_flight += len(due)
                    return [record for _, record in due]
                self.lock.wait(timeout=0.05)
            return None

    def settle(self, batch, failures, seconds):
        ids = {failure["itemIdentifier"] for failure in failures}
        with self.lock:
            self.in_flight -= len(batch)
            self.handed_back += len(ids)
            self.billed += seconds
            again = time.monotonic() + VISIBILITY_SECONDS
            self.records.extend((again, record) for record in batch if record["messageId"] in ids)
            self.lock.notify_all()


def run(variant, copies, requests_per_second, service_time=0):
    """The seconds from the first batch to the last answer beside the ideal, and what Lambda would bill."""
    seed = FOLDER / "throttled.toml"
    quota = f"\n[throttle]\nrequests_per_second = {requests_per_second}\nburst = {BURST}\n"
    seed.write_text(SEED.read_text() + quota)
    aws = Aws(PROVISIONCTL, FOLDER, seed, service_time)
    queue = Queue(joins.batch(PEOPLE)["Records"])
    with aws:
        environment = {**aws.environment(), **IN_INIT, **variant.environment}
        functions = [
            Function(variant.command, environment, variant.folder, FOLDER / "functions.log") for _ in range(copies)
        ]
        start = time.monotonic()
        workers = [threading.Thread(target=work, args=(function, queue)) for function in functions]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        seconds = time.monotonic() - start
        for function in functions:
            function.__exit__()
    if aws.created() != PEOPLE:
        raise RuntimeError(f"{variant.name} made {aws.created()} of {PEOPLE} users: {dict(aws.calls)}")
    return {
        "seconds": seconds,
        "ideal": (PEOPLE - BURST) / requests_per_second,
        "throttled": aws.throttled(),
        "handed back": queue.handed_back,
        "gb seconds": queue.billed * variant.memory / 1024,
    }


def work(function, queue):
    while (batch := queue.batch()) is not None:
        start = time.monotonic()
        body, answered, _ = function.invoke({"Records": batch})
        queue.settle(batch, body["batchItemFailures"], answered.wall - start)

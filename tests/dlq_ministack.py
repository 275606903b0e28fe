"""Replays 500 dead letters on an SQS that this project did not write, with a kill -9 in the middle.

    PROVISIONCTL=.../provisionctl python3 -m unittest -v dlq_ministack

Needs PyPI's `ministack`, and `botocore` (which `awscli` brings) as the second pair of eyes.
"""

import collections
import json
import os
import signal
import subprocess
import time
import unittest
import urllib.request
from pathlib import Path

import botocore.session
from aws_cli import free_port

ROOT = Path(__file__).resolve().parent.parent
LETTERS = 500
REASONS = {"no_assignment": 250, "missing_field:worker.familyName": 150, "not_json": 60, "attempts_exhausted:ThrottlingException": 40}


class MiniStack:
    """A local AWS, ended with the test."""

    def __init__(self):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        environment = os.environ | {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)}
        self.process = subprocess.Popen(["ministack"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not self.is_healthy():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError("ministack does not start")
            time.sleep(0.1)

    def is_healthy(self):
        try:
            return urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=1).status == 200
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait()


def key(n):
    return f"employee:E{n:06}"


def attributes(n, reason):
    details = {"event_key": key(n), "item": 0, "source_queue": "arn:aws:sqs:us-east-1:000000000000:hr-joins",
               "source_message_id": f"message-{n}", "request_id": "request", "failed_at": "2026-11-20T09:14:03Z",
               "attempts": 1, "replays": 0}
    texts = {"provisioner.reason": reason, "provisioner.explanation": "a sentence", "provisioner.details": json.dumps(details)}
    return {name: {"DataType": "String", "StringValue": text} for name, text in texts.items()}


class Replay(unittest.TestCase):
    def setUp(self):
        self.ministack = MiniStack()
        self.addCleanup(self.ministack.stop)
        self.environment = os.environ | {
            "AWS_ENDPOINT_URL": self.ministack.url,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "000000000000",
            "AWS_SECRET_ACCESS_KEY": "test",
            "PROVISIONER_CONFIG": str(ROOT / "provisioner.toml"),
        }
        session = botocore.session.Session()
        session.set_credentials("000000000000", "test")
        self.sqs = session.create_client("sqs", region_name="us-east-1", endpoint_url=self.ministack.url)
        self.source = self.sqs.create_queue(QueueName="hr-joins")["QueueUrl"]
        self.dlq = self.sqs.create_queue(QueueName="hr-joins-dlq")["QueueUrl"]

    def command(self, *arguments):
        return [os.environ["PROVISIONCTL"], "dlq", *arguments, "--queue-name", "hr-joins-dlq"]

    def run_dlq(self, *arguments):
        return subprocess.run(self.command(*arguments), env=self.environment, capture_output=True, text=True, timeout=120)

    def fill(self):
        reasons = [reason for reason, count in REASONS.items() for _ in range(count)]
        for start in range(0, LETTERS, 10):
            entries = [
                {"Id": str(n), "MessageBody": json.dumps({"person": n}), "MessageAttributes": attributes(n, reasons[n])}
                for n in range(start, start + 10)
            ]
            sent = self.sqs.send_message_batch(QueueUrl=self.dlq, Entries=entries)
            self.assertEqual(len(sent["Successful"]), 10)

    def depth(self, queue):
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        return tuple(int(counts[name]) for name in names)

    def drained(self, queue):
        """The event keys of all messages, which are deleted."""
        keys = []
        while True:
            received = self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
            messages = received.get("Messages", [])
            if not messages:
                return keys
            for message in messages:
                details = json.loads(message["MessageAttributes"]["provisioner.details"]["StringValue"])
                keys.append(details["event_key"])
                self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

    def test_nothing_is_lost_though_the_replay_is_killed(self):
        self.fill()
        started = time.monotonic()
        listed = self.run_dlq("list", "--json")
        print(f"listed {LETTERS} letters in {time.monotonic() - started:.1f} s")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        lines = [json.loads(line) for line in listed.stdout.splitlines()]
        self.assertEqual(collections.Counter(line["reason"] for line in lines), REASONS)
        self.assertEqual({line["event_key"] for line in lines}, {key(n) for n in range(LETTERS)})
        self.assertEqual(self.depth(self.dlq), (LETTERS, 0), "looking hides nothing")
        filtered = self.run_dlq("list", "--json", "--reason", "not_json")
        self.assertEqual(len(filtered.stdout.splitlines()), REASONS["not_json"])
        dry = self.run_dlq("replay", "--all", "--dry-run", "--offline")
        self.assertEqual((dry.returncode, len(dry.stdout.splitlines())), (1, LETTERS), dry.stderr)
        self.assertEqual(self.depth(self.dlq), (LETTERS, 0), "a dry run hides nothing")

        replay = subprocess.Popen(self.command("replay", "--all", "--rate", "50"), env=self.environment,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while sum(self.depth(self.source)) < 100:
            self.assertIsNone(replay.poll(), "killed too late")
            time.sleep(0.05)
        replay.send_signal(signal.SIGKILL)
        replay.wait()
        before = collections.Counter(self.drained(self.source))
        self.assertGreaterEqual(len(before), 100)
        self.assertLess(len(before), LETTERS)
        # The one in hand may be on both queues.
        self.assertIn(sum(self.depth(self.dlq)) + len(before), (LETTERS, LETTERS + 1))

        deadline = time.monotonic() + 90
        while self.depth(self.dlq)[1] > 0:
            self.assertLess(time.monotonic(), deadline, "what the killed replay hid does not show itself again")
            time.sleep(0.5)
        left = self.depth(self.dlq)[0]
        started = time.monotonic()
        replay = self.run_dlq("replay", "--all", "--rate", "100")
        print(f"replayed {left} letters at 100 a second in {time.monotonic() - started:.1f} s, the look included")
        self.assertEqual(replay.returncode, 0, replay.stderr)
        self.assertIn(f"replayed {left}, refused 0, left 0", replay.stdout)
        self.assertEqual(self.depth(self.dlq), (0, 0))
        after = collections.Counter(self.drained(self.source))
        replayed = before + after
        self.assertEqual(set(replayed), {key(n) for n in range(LETTERS)}, "somebody is lost")
        twice = [key for key, count in replayed.items() if count > 1]
        print(f"sent twice by the kill: {len(twice)}")
        self.assertLessEqual(len(twice), 1)


if __name__ == "__main__":
    unittest.main()

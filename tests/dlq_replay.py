"""Replays dead letters on two SQS that this project did not write, with a kill -9 in the middle.

    PROVISIONCTL=.../provisionctl python3 -m unittest -v dlq_replay

Needs PyPI's `ministack` and `moto[server]`, and `botocore` (which `awscli` brings) as the second pair of eyes.
"""

import collections
import json
import os
import signal
import subprocess
import time
import unittest
from pathlib import Path

import botocore.session
import local_aws

ROOT = Path(__file__).resolve().parent.parent
# In hundredths of the letters.
REASONS = {"no_assignment": 50, "missing_field:worker.familyName": 30, "not_json": 12, "attempts_exhausted:ThrottlingException": 8}


def key(n):
    return f"employee:E{n:06}"


def attributes(n, reason, account):
    details = {"event_key": key(n), "item": 0, "source_queue": f"arn:aws:sqs:us-east-1:{account}:hr-joins",
               "source_message_id": f"message-{n}", "request_id": "request", "failed_at": "2026-11-20T09:14:03Z",
               "attempts": 1, "replays": 0}
    texts = {"provisioner.reason": reason, "provisioner.explanation": "a sentence", "provisioner.details": json.dumps(details)}
    return {name: {"DataType": "String", "StringValue": text} for name, text in texts.items()}


class Replay:
    """500 letters: a fifth is replayed, the replay killed, and the rest replayed after what it hid shows itself again."""

    letters = 500

    def setUp(self):
        self.aws = self.server()
        self.addCleanup(self.aws.stop)
        self.environment = os.environ | {
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": self.ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": "test",
            "PROVISIONER_CONFIG": str(ROOT / "provisioner.toml"),
        }
        session = botocore.session.Session()
        session.set_credentials(self.ACCESS_KEY, "test")
        self.sqs = session.create_client("sqs", region_name="us-east-1", endpoint_url=self.aws.url)
        self.source = self.sqs.create_queue(QueueName="hr-joins")["QueueUrl"]
        self.dlq = self.sqs.create_queue(QueueName="hr-joins-dlq")["QueueUrl"]

    def command(self, *arguments):
        return [os.environ["PROVISIONCTL"], "dlq", *arguments, "--queue-name", "hr-joins-dlq"]

    def run_dlq(self, *arguments):
        return subprocess.run(self.command(*arguments), env=self.environment, capture_output=True, text=True, timeout=120)

    def reasons(self):
        return {reason: share * self.letters // 100 for reason, share in REASONS.items()}

    def fill(self):
        reasons = [reason for reason, count in self.reasons().items() for _ in range(count)]
        for start in range(0, self.letters, 10):
            entries = [
                {"Id": str(n), "MessageBody": json.dumps({"person": n}), "MessageAttributes": attributes(n, reasons[n], self.ACCOUNT)}
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
        print(f"{type(self).__name__}: listed {self.letters} letters in {time.monotonic() - started:.1f} s")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        lines = [json.loads(line) for line in listed.stdout.splitlines()]
        self.assertEqual(collections.Counter(line["reason"] for line in lines), self.reasons())
        self.assertEqual({line["event_key"] for line in lines}, {key(n) for n in range(self.letters)})
        self.assertEqual(self.depth(self.dlq), (self.letters, 0), "looking hides nothing")
        filtered = self.run_dlq("list", "--json", "--reason", "not_json")
        self.assertEqual(len(filtered.stdout.splitlines()), self.reasons()["not_json"])
        dry = self.run_dlq("replay", "--all", "--dry-run", "--offline")
        self.assertEqual((dry.returncode, len(dry.stdout.splitlines())), (1, self.letters), dry.stderr)
        self.assertEqual(self.depth(self.dlq), (self.letters, 0), "a dry run hides nothing")

        replay = subprocess.Popen(self.command("replay", "--all", "--rate", "50"), env=self.environment,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while sum(self.depth(self.source)) < self.letters // 5:
            self.assertIsNone(replay.poll(), "killed too late")
            time.sleep(0.05)
        replay.send_signal(signal.SIGKILL)
        replay.wait()
        before = collections.Counter(self.drained(self.source))
        self.assertGreaterEqual(len(before), self.letters // 5)
        self.assertLess(len(before), self.letters)
        # The one in hand may be on both queues.
        self.assertIn(sum(self.depth(self.dlq)) + len(before), (self.letters, self.letters + 1))

        deadline = time.monotonic() + 90
        while self.depth(self.dlq)[1] > 0:
            self.assertLess(time.monotonic(), deadline, "what the killed replay hid does not show itself again")
            time.sleep(0.5)
        left = self.depth(self.dlq)[0]
        started = time.monotonic()
        replay = self.run_dlq("replay", "--all", "--rate", "100")
        print(f"{type(self).__name__}: replayed {left} letters at 100 a second in {time.monotonic() - started:.1f} s, the look included")
        self.assertEqual(replay.returncode, 0, replay.stderr)
        self.assertIn(f"replayed {left}, refused 0, left 0", replay.stdout)
        self.assertEqual(self.depth(self.dlq), (0, 0))
        after = collections.Counter(self.drained(self.source))
        replayed = before + after
        self.assertEqual(set(replayed), {key(n) for n in range(self.letters)}, "somebody is lost")
        twice = [key for key, count in replayed.items() if count > 1]
        print(f"{type(self).__name__}: sent twice by the kill: {len(twice)}")
        self.assertLessEqual(len(twice), 1)


class OnMiniStack(Replay, unittest.TestCase):
    server = staticmethod(local_aws.ministack)
    # MiniStack takes an access key of 12 digits for the account.
    ACCESS_KEY = ACCOUNT = "000000000000"


class OnMoto(Replay, unittest.TestCase):
    server = staticmethod(local_aws.moto)
    ACCESS_KEY, ACCOUNT = "test", "123456789012"
    # Its receiving grows slow with the queue: 500 letters take it four minutes.
    letters = 100


if __name__ == "__main__":
    unittest.main()

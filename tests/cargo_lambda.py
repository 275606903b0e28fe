"""Runs the function under `cargo lambda watch` before the stand-in, and looks at the result with the real AWS CLI.

    STANDIN_COMMAND='provisionctl standin --port {port}' AWS_CLI=aws python3 -m unittest -v cargo_lambda

`cargo lambda` must be on the PATH (PyPI: cargo-lambda).
"""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from aws_cli import ACCOUNT, MANAGED, Standin, free_port

ROOT = Path(__file__).resolve().parent.parent
BATCH = "sqs-batch-one-bad-record.json"


class Function:
    """The function under `cargo lambda watch`."""

    def __init__(self, standin):
        self.port = free_port()
        endpoint = f"http://127.0.0.1:{standin.port}"
        self.queue = f"{endpoint}/{ACCOUNT}/hr-joins-dlq"
        self.log = tempfile.TemporaryFile()
        environment = standin.environment | {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": "eu-west-2",
            "PROVISIONER_DLQ_URL": self.queue,
            "RUST_LOG": "trace",
        }
        command = ["cargo", "lambda", "watch", *self.address(), "--ignore-changes", "--bin", "provisioner"]
        # A group of its own, since the watcher starts the function as a child of its child.
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=self.log, stderr=self.log, start_new_session=True
        )

    def address(self):
        return ["--invoke-address", "127.0.0.1", "--invoke-port", str(self.port)]

    def wait_until_it_listens(self):
        deadline = time.monotonic() + 900
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.2)
        raise RuntimeError("cargo lambda watch does not listen")

    def invoke(self, sample):
        command = ["cargo", "lambda", "invoke", *self.address(), "--data-file", f"events/{sample}", "provisioner"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)
        if done.returncode != 0:
            raise AssertionError(f"{done.stdout}{done.stderr}{self.logged()}")
        return json.loads(done.stdout)

    def logged(self):
        self.log.seek(0)
        return self.log.read().decode()

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(timeout=30)


class ABatchUnderCargoLambda(unittest.TestCase):
    def test_is_settled_record_by_record_and_once_only(self):
        standin = self.enterContext(Standin())
        function = Function(standin)
        self.addCleanup(function.stop)
        function.wait_until_it_listens()

        def users():
            listed = standin.ask("connect", "list-users", "--instance-id", MANAGED)
            return sorted(user["Username"] for user in listed["UserSummaryList"])

        for outcome in ["created", "already_exists"]:
            self.assertEqual(function.invoke(BATCH), {"batchItemFailures": []})
            self.assertEqual(users(), ["ines.dsouza", "kofi.mensah", "munevver.oz"])
            self.assertEqual(function.logged().count(f'"outcome":"{outcome}"'), 3, function.logged())

        received = standin.ask(
            "sqs", "receive-message", "--queue-url", function.queue, "--message-attribute-names", "All"
        )
        letter = received["Messages"][0]
        bad = json.loads((ROOT / "events" / BATCH).read_text())["Records"][1]
        self.assertEqual(letter["Body"], bad["body"])
        self.assertEqual(letter["MessageAttributes"]["provisioner.reason"]["StringValue"], "not_json")

        secret = standin.ask("secretsmanager", "get-secret-value", "--secret-id", "connect/initial-password")
        password = json.loads(secret["SecretString"])["password"]
        self.assertGreaterEqual(len(password), 8)
        for start in range(len(password) - 7):
            window = password[start : start + 8]
            self.assertNotIn(window, function.logged() + json.dumps(received))


if __name__ == "__main__":
    unittest.main()

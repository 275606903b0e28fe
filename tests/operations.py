"""`send`, `dlq replay`, `check --live` and `watch` on an EventBridge, Lambda, SQS and CloudWatch Logs not written here.

    PROVISIONCTL=.../provisionctl python3 -m unittest -v operations

Needs PyPI's `ministack`, and `botocore` (which `awscli` brings) as the second pair of eyes. Connect and Secrets Manager
are the stand-in's.
"""

import io
import json
import os
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import botocore.session
import local_aws
from aws_cli import free_port

ROOT = Path(__file__).resolve().parent.parent
ROLE = "arn:aws:iam::000000000000:role/hr-join"
HANDLER = """
import json, os
def handler(event, context):
    with open(os.environ["SEEN"], "w") as seen:
        json.dump(event, seen)
"""


class Operations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.aws = local_aws.ministack()
        cls.addClassCleanup(cls.aws.stop)
        cls.session = botocore.session.Session()
        cls.session.set_credentials("000000000000", "test")
        cls.sqs, cls.events, cls.functions, cls.logs = (
            cls.session.create_client(name, region_name="us-east-1", endpoint_url=cls.aws.url)
            for name in ("sqs", "events", "lambda", "logs")
        )
        cls.dlq = cls.queue("hr-joins-dlq", MessageRetentionPeriod="1209600")
        redrive = {"deadLetterTargetArn": cls.arn("hr-joins-dlq"), "maxReceiveCount": 500}
        cls.source = cls.queue("hr-joins", VisibilityTimeout="180", RedrivePolicy=json.dumps(redrive))
        cls.events.create_event_bus(Name="hr")
        cls.events.put_rule(Name="hr-joins", EventBusName="hr", EventPattern=json.dumps({"source": ["hr"]}))
        cls.events.put_targets(Rule="hr-joins", EventBusName="hr", Targets=[{"Id": "queue", "Arn": cls.arn("hr-joins")}])

    @classmethod
    def queue(cls, name, **attributes):
        return cls.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    @staticmethod
    def arn(queue):
        return f"arn:aws:sqs:us-east-1:000000000000:{queue}"

    def run_it(self, *arguments, **environment):
        environment = os.environ | {
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "000000000000",
            "AWS_SECRET_ACCESS_KEY": "test",
        } | environment
        command = [os.environ["PROVISIONCTL"], *arguments]
        return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60)

    def received(self, queue):
        """The body of the one message, which is deleted."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            messages = self.sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", [])
            if messages:
                self.assertEqual(len(messages), 1)
                self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=messages[0]["ReceiptHandle"])
                return messages[0]["Body"]
        self.fail("nothing arrives")

    def test_an_event_is_sent_to_the_queue_and_through_the_bus(self):
        path = "events/direct-hr-join.json"
        sent = self.run_it("send", path, "--queue-name", "hr-joins")
        self.assertEqual(sent.returncode, 0, sent.stdout + sent.stderr)
        self.assertEqual(self.received(self.source), (ROOT / path).read_text().strip())
        sent = self.run_it("send", path, "--event-bus", "hr")
        self.assertEqual(sent.returncode, 0, sent.stdout + sent.stderr)
        envelope = json.loads(self.received(self.source))
        self.assertEqual((envelope["source"], envelope["detail-type"]), ("hr", "worker.joined"))
        self.assertEqual(envelope["detail"], json.loads((ROOT / path).read_text()))

    def test_a_dead_letter_goes_back_through_the_bus(self):
        event = {"id": "1", "detail-type": "Joined", "source": "hr", "detail": {"big": 12345678901234567890}}
        self.sqs.send_message(QueueUrl=self.dlq, MessageBody=json.dumps(event))
        replay = self.run_it("dlq", "replay", "--all", "--queue-name", "hr-joins-dlq", "--event-bus", "hr")
        self.assertEqual(replay.returncode, 0, replay.stdout + replay.stderr)
        self.assertIn("replayed 1, refused 0, left 0", replay.stdout)
        self.assertEqual(json.loads(self.received(self.source))["detail"], event["detail"])
        self.assertNotIn("Messages", self.sqs.receive_message(QueueUrl=self.dlq))

    def function(self, name, variables):
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("index.py", HANDLER)
        self.functions.create_function(FunctionName=name, Role=ROLE, Runtime="python3.12", Handler="index.handler", Timeout=30,
                                       Code={"ZipFile": code.getvalue()}, Environment={"Variables": variables})

    def test_an_on_failure_record_goes_back_into_its_function(self):
        with tempfile.TemporaryDirectory() as folder:
            seen = Path(folder) / "seen.json"
            self.function("hr-join-direct", {"SEEN": str(seen)})
            arn = "arn:aws:lambda:us-east-1:000000000000:function:hr-join-direct"
            record = {"requestContext": {"condition": "RetriesExhausted", "functionArn": arn}, "requestPayload": {"person": 1}}
            self.sqs.send_message(QueueUrl=self.dlq, MessageBody=json.dumps(record))
            replay = self.run_it("dlq", "replay", "--all", "--queue-name", "hr-joins-dlq")
            self.assertEqual(replay.returncode, 0, replay.stdout + replay.stderr)
            deadline = time.monotonic() + 20
            while not (seen.exists() and seen.read_text()):
                self.assertLess(time.monotonic(), deadline, "the function is not invoked")
                time.sleep(0.1)
            self.assertEqual(json.loads(seen.read_text()), {"person": 1})

    def standin(self):
        """The address of a stand-in, which is ended with the test."""
        url = f"http://127.0.0.1:{free_port()}"
        command = [os.environ["PROVISIONCTL"], "standin", "--port", url.rsplit(":", 1)[1]]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(url, timeout=1)
            except urllib.error.HTTPError:
                return url
            except OSError:
                time.sleep(0.05)
        self.fail("the stand-in does not start")

    def test_the_deployed_function_is_checked(self):
        url = self.standin()
        endpoints = {"AWS_ENDPOINT_URL_CONNECT": url, "AWS_ENDPOINT_URL_SECRETS_MANAGER": url}
        variables = {"PROVISIONER_DLQ_URL": self.dlq, "PROVISIONER_MAX_RECEIVE_COUNT": "4"}
        self.function("hr-join", variables)
        mapping = self.functions.create_event_source_mapping(FunctionName="hr-join", EventSourceArn=self.arn("hr-joins"),
                                                             BatchSize=10, Enabled=False)
        self.addCleanup(self.functions.delete_event_source_mapping, UUID=mapping["UUID"])
        looked = self.run_it("check", "--live", "--function", "hr-join", **endpoints)
        self.assertEqual(looked.returncode, 1, looked.stdout + looked.stderr)
        for line in (
            "ok    instance a1b2c3d4-5678-90ab-cdef-EXAMPLE11111: active",
            f"ok    function hr-join: time-out 30 s, dead letters to {self.dlq}",
            "FAIL  event source hr-joins: ReportBatchItemFailures is off",
            "FAIL  event source hr-joins: it is Disabled",
            "warn  event source hr-joins: it has no maximum concurrency",
            "ok    event source mapping of hr-join: a message of more than 8 people is split",
            "ok    source queue hr-joins: its maxReceiveCount is 500, and the function gives a message up after 293 deliveries",
            "ok    source queue hr-joins: it keeps messages 345600 s",
            "FAIL  source queue hr-joins: maxReceiveCount is 500, and the function's PROVISIONER_MAX_RECEIVE_COUNT says 4",
            "ok    source queue hr-joins: its visibility time-out is 180 s, the function's time-out 30 s",
            "ok    dead-letter queue hr-joins-dlq: it keeps messages 14 days",
        ):
            self.assertIn(line, looked.stdout)
        self.function("hr-join-alone", variables)
        alone = self.run_it("check", "--live", "--function", "hr-join-alone", **endpoints)
        self.assertIn("warn  event source mapping of hr-join-alone: no queue sets it off", alone.stdout)
        self.assertIn("one of more than 8 people is refused as too_large", alone.stdout)
        missing = self.run_it("check", "--live", "--function", "nobody", **endpoints)
        self.assertEqual(missing.returncode, 1)
        self.assertIn("FAIL  function nobody: lambda:GetFunctionConfiguration: AWS answered ResourceNotFound", missing.stdout)

    def test_delivery_is_paused_and_resumed(self):
        self.function("hr-join-paused", {})
        queue = self.queue("hr-joins-paused", VisibilityTimeout="180")
        self.addCleanup(self.sqs.delete_queue, QueueUrl=queue)
        mapping = self.functions.create_event_source_mapping(FunctionName="hr-join-paused",
                                                             EventSourceArn=self.arn("hr-joins-paused"), Enabled=True)["UUID"]
        self.addCleanup(self.functions.delete_event_source_mapping, UUID=mapping)

        def state():
            return self.functions.get_event_source_mapping(UUID=mapping)["State"]

        for command, says, is_then in (
            (("pause", "--dry-run"), "would pause", "Enabled"),
            (("pause",), "paused", "Disabled"),
            (("pause",), "already paused", "Disabled"),
            (("resume", "--dry-run"), "would resume", "Disabled"),
            (("resume",), "resumed", "Enabled"),
            (("resume",), "already resumed", "Enabled"),
        ):
            ended = self.run_it(*command, "--function", "hr-join-paused")
            self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
            self.assertEqual(ended.stdout, f"{says} hr-joins-paused\n")
            self.assertEqual("until its retention ends" in ended.stderr, command[0] == "pause")
            self.assertEqual(state(), is_then)
        nobody = self.run_it("pause", "--function", "nobody")
        self.assertNotEqual(nobody.returncode, 0)
        self.assertNotIn("paused", nobody.stdout)

    def test_the_last_outcomes_are_watched(self):
        self.logs.create_log_group(logGroupName="/aws/lambda/hr-join")
        self.logs.create_log_stream(logGroupName="/aws/lambda/hr-join", logStreamName="s")
        now = int(time.time() * 1000)
        lines = [
            {"level": "INFO", "outcome": "created", "event_key": "employee:E1"},
            {"level": "ERROR", "outcome": "dead_lettered", "event_key": "employee:E2", "reason": "no_assignment"},
            {"level": "INFO", "message": "no outcome"},
        ]
        log_events = [{"timestamp": now + n, "message": json.dumps(line)} for n, line in enumerate(lines)]
        self.logs.put_log_events(logGroupName="/aws/lambda/hr-join", logStreamName="s", logEvents=log_events)
        watched = self.run_it("watch", "--once", "--queue-name", "hr-joins", "--log-group", "/aws/lambda/hr-join", "--json")
        self.assertEqual(watched.returncode, 0, watched.stderr)
        outcomes = json.loads(watched.stdout)["outcomes"]
        self.assertEqual([outcome["outcome"] for outcome in outcomes], ["created", "dead_lettered"])
        self.assertEqual(outcomes[1]["reason"], "no_assignment")


if __name__ == "__main__":
    unittest.main()

"""Deploys the CDK stack to a local AWS with the real CLIs, drives 50 joins through it, fixes it, replays, and looks.

    PROVISIONCTL=.../provisionctl python3 -m unittest -v deployment

Needs PyPI's `ministack`, `awscli`, `cargo-lambda` and `ziglang` on the PATH, and `npm ci` done in infra/. Connect is the
stand-in's, at AWS's default quota; everything else is MiniStack's.
"""

import datetime
import json
import os
import secrets
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

import botocore.session
import local_aws
from aws_cli import MANAGED, free_port

ROOT = Path(__file__).resolve().parent.parent
INFRA = ROOT / "infra"
ACCOUNT, REGION = "000000000000", "us-east-1"
# An access key of its own: the CDK keeps in mind which key is which account's.
ACCESS_KEY = "000000000000"
GOOD, TWICE = 38, 4
# The example's rules, and one whose routing profile the instance does not have.
UNKNOWN = """
[[assignment]]
name = "night"
when = 'department.code == "NIGHT"'
routing_profile = "{}"
security_profiles = ["Agent"]
"""


def joiner(number, **changes):
    worker = {
        "employeeId": f"E2{number:05}",
        "givenName": "Mary",
        "familyName": f"Major{number}",
        "department": {"code": "CC-UK", "name": "Customer Care"},
        "job": {"code": "AGT1", "title": "Service Agent"},
        "startDate": "2026-01-05",
    } | changes
    detail = {"specversion": "hr.join/1", "eventId": f"hr-{number}", "type": "worker.joined", "worker": worker}
    return {"Source": "com.example.hris", "DetailType": "WorkerJoined", "Detail": json.dumps(detail)}


class Deployment(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.aws = local_aws.ministack()
        cls.addClassCleanup(cls.aws.stop)
        cls.config = Path(cls.folder.name) / "provisioner.toml"
        cls.environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
            "AWS_ENDPOINT_URL": cls.aws.url,
            "AWS_ENDPOINT_URL_S3_FOR_CLOUDFORMATION": cls.aws.url.replace("127.0.0.1", "localhost"),
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CDK_DEFAULT_ACCOUNT": ACCOUNT,
            "CDK_DEFAULT_REGION": REGION,
            "PROVISIONER_CONFIG": str(cls.config),
        }
        cls.session = botocore.session.Session()
        cls.session.set_credentials(ACCESS_KEY, "test")
        cls.sqs, cls.secrets, cls.logs, cls.functions, cls.scheduler = (
            cls.client(name, cls.aws.url) for name in ("sqs", "secretsmanager", "logs", "lambda", "scheduler")
        )
        cls.password = "Aa1!" + secrets.token_urlsafe(12)
        cls.secrets.create_secret(Name="connect/initial-password", SecretString=json.dumps({"password": cls.password}))

    def setUp(self):
        url = f"http://127.0.0.1:{free_port()}"
        command = [os.environ["PROVISIONCTL"], "standin", "--throttle", "--port", url.rsplit(":", 1)[1]]
        standin = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(standin.wait)
        self.addCleanup(standin.terminate)
        self.environment = self.environment | {"AWS_ENDPOINT_URL_CONNECT": url, "CONNECT_ENDPOINT_URL": url}
        self.connect_url = url
        self.connect = self.client("connect", url)

    @classmethod
    def client(cls, name, url):
        return cls.session.create_client(name, region_name=REGION, endpoint_url=url)

    def run_it(self, *command, code=0, folder=ROOT):
        done = subprocess.run(command, cwd=folder, env=self.environment, capture_output=True, text=True, timeout=1800)
        said = f"{command}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
        self.assertEqual(done.returncode, code, f"{said}\n{self.log()[-4000:]}" if done.returncode != code else "")
        return done.stdout

    def provisionctl(self, *arguments, code=0):
        return self.run_it(os.environ["PROVISIONCTL"], *arguments, code=code)

    def configure(self, routing_profile):
        example = (ROOT / "provisioner.toml").read_text()
        names = '[queues]\nsource = "hr-joins"\ndead_letter = "hr-joins-dlq"\n[schedule]\nhours_before = 72\n'
        self.config.write_text(example + names + UNKNOWN.format(routing_profile))

    def deploy(self):
        started = time.monotonic()
        outputs = Path(self.folder.name) / "outputs.json"
        self.run_it("npx", "cdk", "deploy", "--app", "npx tsx test/local-app.ts", "--output", str(Path(self.folder.name) / "cdk.out"),
                    "--require-approval", "never", "--no-notices", "--outputs-file", str(outputs), folder=INFRA)
        print(f"cdk deploy: {time.monotonic() - started:.0f} s")
        return json.loads(outputs.read_text())["ConnectProvisioner"]

    def put_events(self, bus, entries):
        """With the AWS CLI, ten at once, which is its most."""
        for start in range(0, len(entries), 10):
            batch = [entry | {"EventBusName": bus} for entry in entries[start:start + 10]]
            put = self.run_it("aws", "events", "put-events", "--endpoint-url", self.aws.url, "--entries", json.dumps(batch))
            self.assertEqual(json.loads(put)["FailedEntryCount"], 0)

    def users(self):
        pages = self.connect.get_paginator("list_users").paginate(InstanceId=MANAGED)
        return sorted(user["Username"] for page in pages for user in page["UserSummaryList"])

    def depth(self, url):
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def wait_until_settled(self, source, dead_letters, users, letters):
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            found = (len(self.users()), self.depth(dead_letters), self.depth(source))
            if found == (users, letters, 0):
                return
            time.sleep(1)
        self.fail(f"users, dead letters, joins left: {found} instead of {(users, letters, 0)}\n{self.log()[-4000:]}")

    def wait_until(self, holds):
        deadline = time.monotonic() + 60
        while not holds():
            self.assertLess(time.monotonic(), deadline, self.log()[-4000:])
            time.sleep(0.5)

    def log(self):
        lines = []
        for group in self.logs.describe_log_groups()["logGroups"]:
            for stream in self.logs.describe_log_streams(logGroupName=group["logGroupName"])["logStreams"]:
                events = self.logs.get_log_events(logGroupName=group["logGroupName"], logStreamName=stream["logStreamName"])
                lines += [event["message"] for event in events["events"]]
        return "\n".join(lines)

    def test_joins_go_through_the_deployed_stack_and_the_failed_ones_are_mended(self):
        self.configure("Night Voice")
        self.run_it("npx", "cdk", "bootstrap", f"aws://{ACCOUNT}/{REGION}", "--no-notices", folder=INFRA)
        stack = self.deploy()
        source, dead_letters = stack["SourceQueueUrl"], stack["DeadLetterQueueUrl"]

        good = [joiner(number) for number in range(GOOD)]
        night = [joiner(50 + number, department={"code": "NIGHT"}) for number in range(3)]
        nowhere = [joiner(60 + number, department={"code": "DUSK"}) for number in range(3)]
        nameless = [joiner(70 + number, familyName=" ") for number in range(2)]
        joins = good + night + nowhere + nameless + good[:TWICE]
        self.assertEqual(len(joins), 50)
        started = time.monotonic()
        self.put_events(stack["EventBusName"], joins)
        self.wait_until_settled(source, dead_letters, GOOD, 8)
        print(f"50 joins settled: {time.monotonic() - started:.0f} s")
        self.assertEqual(self.users(), sorted(f"mary.major{number}" for number in range(GOOD)))
        letters = [json.loads(line) for line in self.provisionctl("dlq", "list", "--json").splitlines()]
        reasons = sorted(letter["reason"] for letter in letters)
        self.assertEqual(reasons, ["missing_field:worker.familyName"] * 2 + ["no_assignment"] * 3 + ["unknown_profile"] * 3)

        checked = self.provisionctl("check", "--live", "--function", stack["FunctionName"], code=1)
        failed = [line for line in checked.splitlines() if line.startswith(("FAIL", "warn"))]
        self.assertEqual(len(failed), 1, checked)
        self.assertIn('"Night Voice"', failed[0])

        self.configure("Customer Care Voice")
        self.config.write_text(self.config.read_text().replace('["NIGHT"]', '["NIGHT", "DUSK"]').replace('== "NIGHT"', 'in ["NIGHT", "DUSK"]'))
        self.deploy()
        self.provisionctl("check", "--live", "--function", stack["FunctionName"])
        self.provisionctl("dlq", "replay", "--reason", "no_assignment")
        self.provisionctl("dlq", "replay", "--reason", "unknown_profile")
        nameless = [letter["message_id"] for letter in letters if letter["reason"].startswith("missing_field")]
        for number, letter in enumerate(nameless):
            self.provisionctl("dlq", "replay", letter, "--set", f"worker.familyName=Mended{number}")
        self.wait_until_settled(source, dead_letters, GOOD + 8, 0)
        expected = [f"mary.major{number}" for number in [*range(GOOD), 50, 51, 52, 60, 61, 62]] + ["mary.mended0", "mary.mended1"]
        self.assertEqual(self.users(), sorted(expected))

        self.a_join_dated_ahead_waits_until_a_later_event_says_sooner(stack["EventBusName"], sorted(expected))

        log = self.log()
        self.assertIn('"outcome":"created"', log)
        self.assertIn('"outcome":"scheduled"', log)
        for secret in (self.password, "Major", "Mended"):
            self.assertNotIn(secret, log)

    def a_join_dated_ahead_waits_until_a_later_event_says_sooner(self, bus, users):
        first_day = datetime.date.today() + datetime.timedelta(days=300)
        self.put_events(bus, [joiner(80, startDate=str(first_day))])
        self.wait_until(lambda: len(self.scheduler.list_schedules()["Schedules"]) == 1)
        [waiting] = self.scheduler.list_schedules()["Schedules"]
        schedule = self.scheduler.get_schedule(GroupName=waiting["GroupName"], Name=waiting["Name"])
        due = first_day - datetime.timedelta(hours=72)
        self.assertEqual(schedule["ScheduleExpression"], f"at({due}T00:00:00)")
        self.assertIn("Major80", json.loads(schedule["Target"]["Input"])["MessageBody"])
        self.assertEqual(self.users(), users)
        self.put_events(bus, [joiner(80)])
        self.wait_until(lambda: self.users() == sorted([*users, "mary.major80"]))
        self.assertEqual(self.scheduler.list_schedules()["Schedules"], [])

    def test_cargo_lambda_deploys_it_too(self):
        dead_letters = self.sqs.create_queue(QueueName="plain-dlq")["QueueUrl"]
        self.run_it("cargo", "lambda", "build", "--release", "--locked", "--package",
                    "connect-provisioner", "--bin", "provisioner")
        variables = f"PROVISIONER_DLQ_URL={dead_letters},AWS_ENDPOINT_URL_CONNECT={self.connect_url}"
        self.run_it("cargo", "lambda", "deploy", "--endpoint-url", self.aws.url, "--region", REGION, "--binary-name", "provisioner",
                    "--role", f"arn:aws:iam::{ACCOUNT}:role/hr-join", "--env-var", variables, "hr-join")
        code = self.functions.get_function_configuration(FunctionName="hr-join")
        self.assertEqual((code["Timeout"], code["MemorySize"]), (60, 256))
        before = self.users()
        self.run_it("cargo", "lambda", "invoke", "--remote", "--endpoint-url", self.aws.url, "--region", REGION,
                    "--data-file", "events/direct-hr-join.json", "hr-join")
        self.assertEqual(len(self.users()), len(before) + 1, self.log()[-2000:])


if __name__ == "__main__":
    unittest.main()

"""Drives the stand-in with the real AWS CLI.

    STANDIN_COMMAND='provisionctl standin --port {port}' AWS_CLI=aws python3 -m unittest -v aws_cli

Both variables hold a command line; the defaults are those above. Works with AWS CLI 1 and 2.
"""

import http.client
import json
import os
import re
import shlex
import socket
import subprocess
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

AWS = shlex.split(os.environ.get("AWS_CLI", "aws"))
STANDIN = os.environ.get("STANDIN_COMMAND", "provisionctl standin --port {port}")

MANAGED = "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111"
SAML = "a1b2c3d4-5678-90ab-cdef-EXAMPLE22222"
DIRECTORY = "a1b2c3d4-5678-90ab-cdef-EXAMPLE33333"
ROUTING_PROFILE = "87654321-9999-3434-abcd-x1y2z3a1b2c3"
SECURITY_PROFILE = "12345678-1111-2222-aaaa-a1b2c3d4f5g7"
ACCOUNT = "111122223333"

# The client must leave the judgement to the service, and must not try again.
CONFIG = """[default]
region = eu-west-2
output = json
parameter_validation = false
cli_binary_format = raw-in-base64-out
cli_pager =
"""


class Standin:
    """The process under test, and the AWS CLI pointed at it."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        folder = Path(self.folder.name)
        (folder / "config").write_text(CONFIG)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self.environment = kept | {
            "AWS_CONFIG_FILE": str(folder / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none"),
            "AWS_ACCESS_KEY_ID": "standin",
            "AWS_SECRET_ACCESS_KEY": "standin",
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self.port = free_port()
        command = [part.format(port=self.port) for part in shlex.split(STANDIN)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self.wait_until_it_listens()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()

    def wait_until_it_listens(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the stand-in ended with {self.process.returncode}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        self.__exit__()
        raise RuntimeError("the stand-in does not listen")

    def run(self, *arguments):
        endpoint = f"http://127.0.0.1:{self.port}"
        command = [*AWS, "--endpoint-url", endpoint, *map(str, arguments)]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=120
        )

    def ask(self, *arguments):
        """The answer of a call that must succeed."""
        done = self.run(*arguments)
        if done.returncode != 0:
            raise AssertionError(f"{arguments} ended with {done.returncode}: {done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def refusal(self, *arguments):
        """The error code of a call that must be refused, and the message with it."""
        done = self.run(*arguments)
        found = re.search(r"An error occurred \(([\w.]+)\)[^:]*: (.*)", done.stderr)
        if done.returncode == 0 or not found:
            return "no refusal", f"{done.returncode} {done.stdout} {done.stderr}"
        return found.group(1), found.group(2)

    def create_user_arguments(self, request):
        with tempfile.NamedTemporaryFile(
            "w", suffix=".json", dir=self.folder.name, delete=False, encoding="utf-8"
        ) as file:
            json.dump(request, file)
        return ["connect", "create-user", "--cli-input-json", f"file://{file.name}"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def setUpModule():
    global aws
    aws = unittest.enterModuleContext(Standin())


def request(instance, changes):
    """A CreateUser request that is right for its instance, then changed; None takes a member away."""
    whole = {
        "InstanceId": instance,
        "Username": "row",
        "IdentityInfo": {"FirstName": "Mary", "LastName": "Major"},
        "PhoneConfig": {"PhoneType": "SOFT_PHONE"},
        "SecurityProfileIds": [SECURITY_PROFILE],
        "RoutingProfileId": ROUTING_PROFILE,
    }
    if instance == MANAGED:
        whole["Password"] = "Pass@Word1"
    if instance == DIRECTORY:
        whole["DirectoryUserId"] = "directory-1"
    merged = whole | changes
    return {member: value for member, value in merged.items() if value is not None}


def names(**changes):
    return {"IdentityInfo": {"FirstName": "Mary", "LastName": "Major"} | changes}


def phone(**changes):
    return {"PhoneConfig": {"PhoneType": "SOFT_PHONE"} | changes}


PARAMETER = "InvalidParameterException"
REQUEST = "InvalidRequestException"
NOT_FOUND = "ResourceNotFoundException"
VOICE = {"Channel": "VOICE"}
CHAT = {"Channel": "CHAT"}

# name, instance, changes, exception, what the message names
REFUSED = [
    ("no username", MANAGED, {"Username": None}, PARAMETER, "Username"),
    ("empty username", MANAGED, {"Username": ""}, PARAMETER, "Username"),
    ("username of 21 without SAML", MANAGED, {"Username": "u" * 21}, PARAMETER, "Username"),
    ("username of 21 with a directory", DIRECTORY, {"Username": "u" * 21}, PARAMETER, "Username"),
    ("username of 65 with SAML", SAML, {"Username": "u" * 65}, PARAMETER, "Username"),
    ("username of 101", SAML, {"Username": "u" * 101}, PARAMETER, "Username"),
    ("username with a blank with SAML", SAML, {"Username": "a b"}, PARAMETER, "Username"),
    ("username with an umlaut with SAML", SAML, {"Username": "m\u00fcller"}, PARAMETER, "Username"),
    ("username testuser@example", SAML, {"Username": "testuser@example"}, PARAMETER, "Username"),
    ("username @jane", MANAGED, {"Username": "@jane"}, PARAMETER, "Username"),
    ("username a@b@c.example", MANAGED, {"Username": "a@b@c.example"}, PARAMETER, "Username"),
    ("username taken", MANAGED, {"Username": "takeN"}, "DuplicateResourceException", "Username"),
    ("username taken in capitals", MANAGED, {"Username": "TAKEN"}, "DuplicateResourceException", "Username"),
    ("no password", MANAGED, {"Password": None}, PARAMETER, "Password"),
    ("password of 7", MANAGED, {"Password": "Pass@W1"}, PARAMETER, "Password"),
    ("password of 65", MANAGED, {"Password": "Pa1" + "x" * 62}, PARAMETER, "Password"),
    ("password without capital", MANAGED, {"Password": "pass@word1"}, PARAMETER, "Password"),
    ("password without small letter", MANAGED, {"Password": "PASS@WORD1"}, PARAMETER, "Password"),
    ("password without digit", MANAGED, {"Password": "Pass@Words"}, PARAMETER, "Password"),
    ("password with a blank", MANAGED, {"Password": "Pass Word1"}, PARAMETER, "Password"),
    ("password with SAML", SAML, {"Password": "Pass@Word1"}, REQUEST, "Password"),
    ("password with a directory", DIRECTORY, {"Password": "Pass@Word1"}, REQUEST, "Password"),
    ("no identity", MANAGED, {"IdentityInfo": None}, PARAMETER, "FirstName"),
    ("no first name", MANAGED, {"IdentityInfo": {"LastName": "Major"}}, PARAMETER, "FirstName"),
    ("no last name with SAML", SAML, {"IdentityInfo": {"FirstName": "Mary"}}, PARAMETER, "LastName"),
    ("first name of 256", SAML, names(FirstName="n" * 256), PARAMETER, "FirstName"),
    ("last name of 301", SAML, names(LastName="n" * 301), PARAMETER, "LastName"),
    ("decomposed first name", MANAGED, names(FirstName="Mu\u0308ller"), PARAMETER, "FirstName"),
    ("decomposed last name", MANAGED, names(LastName="u\u0308"), PARAMETER, "LastName"),
    ("e-mail with SAML", SAML, names(Email="mary@example.com"), REQUEST, "Email"),
    ("second e-mail without a domain", MANAGED, names(SecondaryEmail="mary@example"), PARAMETER, "SecondaryEmail"),
    ("second e-mail of 266", MANAGED, names(SecondaryEmail="m" * 254 + "@example.com"), PARAMETER, "SecondaryEmail"),
    ("mobile without +", MANAGED, names(Mobile="447700900123"), PARAMETER, "Mobile"),
    ("mobile of 16 digits", MANAGED, names(Mobile="+1234567890123456"), PARAMETER, "Mobile"),
    ("unknown phone type", MANAGED, phone(PhoneType="PAY_PHONE"), PARAMETER, "PhoneType"),
    ("desk phone without number", MANAGED, phone(PhoneType="DESK_PHONE"), PARAMETER, "DeskPhoneNumber"),
    ("desk phone number with blanks", MANAGED, phone(DeskPhoneNumber="+44 7700 900123"), PARAMETER, "DeskPhoneNumber"),
    ("desk phone number +0", MANAGED, phone(DeskPhoneNumber="+0123"), PARAMETER, "DeskPhoneNumber"),
    ("after contact work below 0", MANAGED, phone(AfterContactWorkTimeLimit=-1), PARAMETER, "AfterContactWorkTimeLimit"),
    ("after contact work above 2000000", MANAGED, phone(AfterContactWorkTimeLimit=2000001), PARAMETER, "AfterContactWorkTimeLimit"),
    ("directory user id with SAML", SAML, {"DirectoryUserId": "d"}, REQUEST, "DirectoryUserId"),
    ("no directory user id", DIRECTORY, {"DirectoryUserId": None}, PARAMETER, "DirectoryUserId"),
    ("no security profiles", MANAGED, {"SecurityProfileIds": None}, PARAMETER, "SecurityProfileIds"),
    ("an empty list of security profiles", MANAGED, {"SecurityProfileIds": []}, PARAMETER, "SecurityProfileIds"),
    ("eleven security profiles", MANAGED, {"SecurityProfileIds": [SECURITY_PROFILE] * 11}, PARAMETER, "SecurityProfileIds"),
    ("unknown security profile", MANAGED, {"SecurityProfileIds": [ROUTING_PROFILE]}, NOT_FOUND, "SecurityProfileIds"),
    ("no routing profile", MANAGED, {"RoutingProfileId": None}, PARAMETER, "RoutingProfileId"),
    ("unknown routing profile", MANAGED, {"RoutingProfileId": SECURITY_PROFILE}, NOT_FOUND, "RoutingProfileId"),
    ("unknown hierarchy group", MANAGED, {"HierarchyGroupId": "nobody"}, NOT_FOUND, "HierarchyGroupId"),
    ("unknown instance", "a1b2c3d4-5678-90ab-cdef-EXAMPLE99999", {}, NOT_FOUND, "InstanceId"),
    ("auto accept twice", MANAGED, phone(AutoAccept=True) | {"AutoAcceptConfigs": [VOICE | {"AutoAccept": True}]}, REQUEST, "AutoAcceptConfigs"),
    ("auto accept of an unknown channel", MANAGED, {"AutoAcceptConfigs": [{"Channel": "FAX", "AutoAccept": True}]}, PARAMETER, "AutoAcceptConfigs"),
    ("auto accept without a value", MANAGED, {"AutoAcceptConfigs": [VOICE]}, PARAMETER, "AutoAccept"),
    ("callback auto accept of a chat", MANAGED, {"AutoAcceptConfigs": [CHAT | {"AutoAccept": True, "AgentFirstCallbackAutoAccept": True}]}, PARAMETER, "AgentFirstCallbackAutoAccept"),
    ("after contact work twice", MANAGED, phone(AfterContactWorkTimeLimit=60) | {"AfterContactWorkConfigs": [VOICE | {"AfterContactWorkConfig": {"AfterContactWorkTimeLimit": 60}}]}, REQUEST, "AfterContactWorkConfigs"),
    ("after contact work of a channel above 2000000", MANAGED, {"AfterContactWorkConfigs": [CHAT | {"AfterContactWorkConfig": {"AfterContactWorkTimeLimit": 2000001}}]}, PARAMETER, "AfterContactWorkTimeLimit"),
    ("after contact work of a channel without a value", MANAGED, {"AfterContactWorkConfigs": [CHAT]}, PARAMETER, "AfterContactWorkConfig"),
    ("callback after contact work of a chat", MANAGED, {"AfterContactWorkConfigs": [CHAT | {"AfterContactWorkConfig": {"AfterContactWorkTimeLimit": 1}, "AgentFirstCallbackAfterContactWorkConfig": {"AfterContactWorkTimeLimit": 1}}]}, PARAMETER, "AgentFirstCallbackAfterContactWorkConfig"),
    ("phone number twice", MANAGED, {"PhoneNumberConfigs": [VOICE | {"PhoneType": "SOFT_PHONE"}]}, REQUEST, "PhoneNumberConfigs"),
    ("phone number of a chat", MANAGED, {"PhoneConfig": None, "PhoneNumberConfigs": [CHAT | {"PhoneType": "SOFT_PHONE"}]}, PARAMETER, "PhoneNumberConfigs"),
    ("phone number of a channel not E.164", MANAGED, {"PhoneConfig": None, "PhoneNumberConfigs": [VOICE | {"PhoneType": "DESK_PHONE", "PhoneNumber": "12"}]}, PARAMETER, "PhoneNumber"),
    ("persistent connection twice", MANAGED, phone(PersistentConnection=True) | {"PersistentConnectionConfigs": [VOICE | {"PersistentConnection": True}]}, REQUEST, "PersistentConnectionConfigs"),
    ("persistent connection of a task", MANAGED, {"PersistentConnectionConfigs": [{"Channel": "TASK", "PersistentConnection": True}]}, PARAMETER, "PersistentConnectionConfigs"),
    ("voice enhancement of a chat", MANAGED, {"VoiceEnhancementConfigs": [CHAT | {"VoiceEnhancementMode": "NONE"}]}, PARAMETER, "VoiceEnhancementConfigs"),
    ("unknown voice enhancement", MANAGED, {"VoiceEnhancementConfigs": [VOICE | {"VoiceEnhancementMode": "LOUD"}]}, PARAMETER, "VoiceEnhancementMode"),
    ("no tags in a list of tags", MANAGED, {"Tags": {}}, PARAMETER, "Tags"),
    ("51 tags", MANAGED, {"Tags": {f"key{number}": "" for number in range(51)}}, PARAMETER, "Tags"),
    ("tag key of AWS", MANAGED, {"Tags": {"aws:cost": "1"}}, PARAMETER, "Tags"),
    ("tag key of 129", MANAGED, {"Tags": {"k" * 129: "1"}}, PARAMETER, "Tags"),
    ("tag key with a #", MANAGED, {"Tags": {"a#b": "1"}}, PARAMETER, "Tags"),
    ("tag value of 257", MANAGED, {"Tags": {"key": "v" * 257}}, PARAMETER, "Tags"),
]

# instance, changes
ACCEPTED = [
    (MANAGED, {"Username": "u" * 20, "Password": "Aa1" + "\u00e9" * 61}),
    (MANAGED, {"Username": "jane@example.com", "Tags": {f"key {number}": "v" * 256 for number in range(50)}}),
    (MANAGED, {"Username": "desk", **phone(PhoneType="DESK_PHONE", DeskPhoneNumber="+12", AfterContactWorkTimeLimit=2000000)}),
    (MANAGED, {"Username": "by-channel", "PhoneConfig": None,
               "AutoAcceptConfigs": [VOICE | {"AutoAccept": True, "AgentFirstCallbackAutoAccept": True}, CHAT | {"AutoAccept": False}],
               "AfterContactWorkConfigs": [VOICE | {"AfterContactWorkConfig": {"AfterContactWorkTimeLimit": 0}}],
               "PhoneNumberConfigs": [VOICE | {"PhoneType": "DESK_PHONE", "PhoneNumber": "+442079460000"}],
               "PersistentConnectionConfigs": [VOICE | {"PersistentConnection": True}],
               "VoiceEnhancementConfigs": [VOICE | {"VoiceEnhancementMode": "NOISE_SUPPRESSION"}]}),
    (MANAGED, {"Username": "addresses", **names(FirstName="M\u00fcller", Email="m@example.com", SecondaryEmail="m+1@mail.example.com", Mobile="+447700900123")}),
    (MANAGED, {"Username": "marks", **names(LastName="x\u0302")}),
    (SAML, {"Username": "u" * 52 + "@example.com"}),
    (SAML, {"Username": "long-names", **names(FirstName="n" * 255, LastName="n" * 300)}),
    (DIRECTORY, {"Username": "directory", "IdentityInfo": None}),
]


class Connect(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # The very command of the AWS CLI reference.
        cls.mary = aws.ask(
            "connect", "create-user",
            "--username", "Mary",
            "--password", "Pass@Word1",
            "--identity-info", "FirstName=Mary,LastName=Major",
            "--phone-config", "PhoneType=DESK_PHONE,AutoAccept=true,AfterContactWorkTimeLimit=60,DeskPhoneNumber=+15555551212",
            "--security-profile-ids", SECURITY_PROFILE,
            "--routing-profile-id", ROUTING_PROFILE,
            "--instance-id", MANAGED,
        )  # fmt: skip
        cls.group = aws.ask("connect", "list-user-hierarchy-groups", "--instance-id", MANAGED)
        leeds = next(group for group in cls.group["UserHierarchyGroupSummaryList"] if group["Name"] == "Leeds")
        cls.leeds = leeds["Id"]
        taken = request(MANAGED, {"Username": "takeN", "Tags": {"hr:person": "p-17", "team": "Voice"}, "HierarchyGroupId": cls.leeds})
        cls.taken = aws.ask(*aws.create_user_arguments(taken))

    def test_create_user_answers_id_and_arn(self):
        arn = f"arn:aws:connect:eu-west-2:{ACCOUNT}:instance/{MANAGED}/agent/{self.mary['UserId']}"
        self.assertEqual(self.mary, {"UserId": self.mary["UserId"], "UserArn": arn})

    def test_describe_user_shows_what_was_created_without_the_password(self):
        done = aws.run("connect", "describe-user", "--instance-id", MANAGED, "--user-id", self.mary["UserId"])
        user = json.loads(done.stdout)["User"]
        self.assertEqual(user["Username"], "Mary")
        self.assertEqual(user["IdentityInfo"], {"FirstName": "Mary", "LastName": "Major"})
        self.assertEqual(
            user["PhoneConfig"],
            {"PhoneType": "DESK_PHONE", "AutoAccept": True, "AfterContactWorkTimeLimit": 60, "DeskPhoneNumber": "+15555551212"},
        )
        self.assertEqual(user["SecurityProfileIds"], [SECURITY_PROFILE])
        self.assertEqual(user["RoutingProfileId"], ROUTING_PROFILE)
        self.assertNotIn("Pass@Word1", done.stdout + done.stderr)

    def test_describe_user_takes_the_arn_of_the_instance(self):
        arn = f"arn:aws:connect:eu-west-2:{ACCOUNT}:instance/{MANAGED}"
        user = aws.ask("connect", "describe-user", "--instance-id", arn, "--user-id", self.taken["UserId"])["User"]
        self.assertEqual(user["HierarchyGroupId"], self.leeds)

    def test_search_users_finds_an_exact_username(self):
        criteria = {"StringCondition": {"FieldName": "Username", "Value": "Mary", "ComparisonType": "EXACT"}}
        found = aws.ask("connect", "search-users", "--instance-id", MANAGED, "--search-criteria", json.dumps(criteria))
        self.assertEqual([user["Id"] for user in found["Users"]], [self.mary["UserId"]])
        self.assertEqual(found["ApproximateTotalCount"], 1)
        self.assertEqual(found["Users"][0]["PhoneConfig"]["AfterContactWorkTimeLimit"], 60_000)

    def test_search_users_finds_a_tag(self):
        tags = {"TagFilter": {"TagCondition": {"TagKey": "hr:person", "TagValue": "p-17"}}}
        found = aws.ask("connect", "search-users", "--instance-id", MANAGED, "--search-filter", json.dumps(tags))
        self.assertEqual([user["Username"] for user in found["Users"]], ["takeN"])
        self.assertEqual(found["Users"][0]["Tags"], {"hr:person": "p-17", "team": "Voice"})

    def test_search_users_with_a_tag_nobody_has_finds_nobody(self):
        tags = {"TagFilter": {"AndConditions": [{"TagKey": "hr:person", "TagValue": "p-17"}, {"TagKey": "team", "TagValue": "Chat"}]}}
        found = aws.ask("connect", "search-users", "--instance-id", MANAGED, "--search-filter", json.dumps(tags))
        self.assertEqual(found["Users"], [])

    def test_list_users_pages(self):
        listed = aws.ask("connect", "list-users", "--instance-id", MANAGED, "--page-size", "1")
        listed = [user["Username"] for user in listed["UserSummaryList"]]
        self.assertEqual(listed[:2], ["Mary", "takeN"])

    def test_list_routing_profiles(self):
        listed = aws.ask("connect", "list-routing-profiles", "--instance-id", SAML)["RoutingProfileSummaryList"]
        self.assertEqual(
            [profile["Name"] for profile in listed],
            ["Basic Routing Profile", "Customer Care Voice", "Customer Care Chat", "Back Office"],
        )
        self.assertEqual(listed[0]["Id"], ROUTING_PROFILE)

    def test_list_security_profiles(self):
        listed = aws.ask("connect", "list-security-profiles", "--instance-id", MANAGED)["SecurityProfileSummaryList"]
        self.assertEqual([profile["Name"] for profile in listed], ["Agent", "CallCenterManager", "QualityAnalyst", "Admin"])
        self.assertEqual(listed[0]["Id"], SECURITY_PROFILE)

    def test_list_user_hierarchy_groups(self):
        groups = [group["Name"] for group in self.group["UserHierarchyGroupSummaryList"]]
        self.assertEqual(sorted(groups), ["Berlin", "EMEA", "Germany", "Leeds", "United Kingdom"])

    def test_describe_user_hierarchy_group_shows_the_path(self):
        group = aws.ask("connect", "describe-user-hierarchy-group", "--instance-id", MANAGED, "--hierarchy-group-id", self.leeds)
        path = {level: group["Name"] for level, group in group["HierarchyGroup"]["HierarchyPath"].items()}
        self.assertEqual(path, {"LevelOne": "EMEA", "LevelTwo": "United Kingdom", "LevelThree": "Leeds"})

    def test_describe_instance(self):
        expected = {MANAGED: "CONNECT_MANAGED", SAML: "SAML", DIRECTORY: "EXISTING_DIRECTORY"}
        for instance, identity_management in expected.items():
            with self.subTest(identity_management):
                described = aws.ask("connect", "describe-instance", "--instance-id", instance)["Instance"]
                self.assertEqual(described["Id"], instance)
                self.assertEqual(described["IdentityManagementType"], identity_management)

    def test_delete_user_deletes(self):
        user = aws.ask(*aws.create_user_arguments(request(MANAGED, {"Username": "leaver"})))["UserId"]
        aws.ask("connect", "delete-user", "--instance-id", MANAGED, "--user-id", user)
        code, _ = aws.refusal("connect", "describe-user", "--instance-id", MANAGED, "--user-id", user)
        self.assertEqual(code, NOT_FOUND)

    def test_create_user_refuses_what_the_contract_refuses(self):
        def refuse(row):
            _, instance, changes, _, _ = row
            return aws.refusal(*aws.create_user_arguments(request(instance, changes)))

        with ThreadPoolExecutor(4) as threads:
            refusals = list(threads.map(refuse, REFUSED))
        self.assertEqual(len(refusals), len(REFUSED))
        for (name, _, _, expected, member), (code, message) in zip(REFUSED, refusals):
            with self.subTest(name):
                self.assertEqual(code, expected, message)
                self.assertIn(member, message)
                self.assertNotIn("Pass@Word1", message)

    def test_create_user_accepts_what_is_just_right(self):
        def accept(row):
            return aws.ask(*aws.create_user_arguments(request(*row)))

        with ThreadPoolExecutor(4) as threads:
            accepted = list(threads.map(accept, ACCEPTED))
        self.assertEqual(len({answer["UserId"] for answer in accepted}), len(ACCEPTED))

    def test_a_body_that_is_not_json_is_refused_as_connect_refuses(self):
        connection = http.client.HTTPConnection("127.0.0.1", aws.port, timeout=10)
        connection.request("PUT", f"/users/{MANAGED}", body='{"Username": "Mary", "Password": "Pass@Word1')
        response = connection.getresponse()
        body = response.read().decode()
        connection.close()
        self.assertEqual(response.status, 400)
        self.assertEqual(response.getheader("x-amzn-ErrorType"), "SerializationException")
        self.assertNotIn("Pass@Word1", body)


class SecretsManager(unittest.TestCase):
    def test_the_seed_holds_a_password_that_connect_accepts(self):
        secret = aws.ask("secretsmanager", "get-secret-value", "--secret-id", "connect/initial-password")
        password = json.loads(secret["SecretString"])["password"]
        self.assertRegex(password, r"^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)\S{24}$")
        self.assertEqual(secret["VersionStages"], ["AWSCURRENT"])

    def test_a_secret_is_made_read_by_each_name_changed_and_deleted(self):
        made = aws.ask("secretsmanager", "create-secret", "--name", "round/trip", "--secret-string", "one")
        partial = made["ARN"].rsplit("-", 1)[0]
        for name in ["round/trip", made["ARN"], partial]:
            read = aws.ask("secretsmanager", "get-secret-value", "--secret-id", name)
            self.assertEqual((read["SecretString"], read["VersionId"]), ("one", made["VersionId"]))
        aws.ask("secretsmanager", "put-secret-value", "--secret-id", "round/trip", "--secret-string", "two", "--version-stages", "AWSPENDING")
        aws.ask("secretsmanager", "put-secret-value", "--secret-id", "round/trip", "--secret-string", "three")
        for stage, value in {"AWSCURRENT": "three", "AWSPREVIOUS": "one", "AWSPENDING": "two"}.items():
            read = aws.ask("secretsmanager", "get-secret-value", "--secret-id", "round/trip", "--version-stage", stage)
            self.assertEqual(read["SecretString"], value)
        described = aws.ask("secretsmanager", "describe-secret", "--secret-id", "round/trip")
        self.assertEqual(len(described["VersionIdsToStages"]), 3)
        aws.ask("secretsmanager", "delete-secret", "--secret-id", "round/trip")
        code, message = aws.refusal("secretsmanager", "get-secret-value", "--secret-id", "round/trip")
        self.assertEqual(code, REQUEST)
        self.assertIn("marked for deletion", message)
        listed = aws.ask("secretsmanager", "list-secrets")["SecretList"]
        self.assertNotIn("round/trip", [secret["Name"] for secret in listed])

    def test_binary_secrets_keep_their_bytes(self):
        aws.ask("secretsmanager", "create-secret", "--name", "binary", "--secret-binary", "Man")
        read = aws.ask("secretsmanager", "get-secret-value", "--secret-id", "binary")
        self.assertEqual(read["SecretBinary"], "TWFu")

    def test_what_is_not_there_is_not_found(self):
        code, _ = aws.refusal("secretsmanager", "get-secret-value", "--secret-id", "nothing")
        self.assertEqual(code, NOT_FOUND)
        code, _ = aws.refusal("secretsmanager", "get-secret-value", "--secret-id", "connect/initial-password", "--version-stage", "AWSPENDING")
        self.assertEqual(code, NOT_FOUND)


class Sqs(unittest.TestCase):
    def queue(self, name, **attributes):
        made = aws.ask("sqs", "create-queue", "--queue-name", name, "--attributes", json.dumps(attributes))
        return made["QueueUrl"]

    def test_the_seed_has_a_queue_that_redrives(self):
        url = aws.ask("sqs", "get-queue-url", "--queue-name", "hr-joins")["QueueUrl"]
        self.assertEqual(url, f"http://127.0.0.1:{aws.port}/{ACCOUNT}/hr-joins")
        attributes = aws.ask("sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "All")["Attributes"]
        self.assertEqual(attributes["VisibilityTimeout"], "180")
        self.assertEqual(
            json.loads(attributes["RedrivePolicy"]),
            {"deadLetterTargetArn": f"arn:aws:sqs:eu-west-2:{ACCOUNT}:hr-joins-dlq", "maxReceiveCount": 500},
        )

    def test_a_message_comes_back_whole_and_goes_when_deleted(self):
        url = self.queue("round-trip")
        attributes = {
            "reason": {"DataType": "String", "StringValue": "missing_field"},
            "count": {"DataType": "Number", "StringValue": "3"},
            "raw": {"DataType": "Binary", "BinaryValue": "bytes"},
        }
        # The CLI checks both digests itself and fails where they are wrong.
        sent = aws.ask("sqs", "send-message", "--queue-url", url, "--message-body", "{\u00fc}", "--message-attributes", json.dumps(attributes))
        received = aws.ask("sqs", "receive-message", "--queue-url", url, "--message-attribute-names", "All", "--attribute-names", "All")
        (message,) = received["Messages"]
        self.assertEqual(message["MessageId"], sent["MessageId"])
        self.assertEqual(message["Body"], "{\u00fc}")
        self.assertEqual(message["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"])
        self.assertEqual(message["MessageAttributes"]["reason"], attributes["reason"])
        self.assertEqual(message["Attributes"]["ApproximateReceiveCount"], "1")
        self.assertEqual(message["Attributes"]["SenderId"], ACCOUNT)
        self.assertEqual(aws.ask("sqs", "receive-message", "--queue-url", url).get("Messages"), None)
        aws.ask("sqs", "delete-message", "--queue-url", url, "--receipt-handle", message["ReceiptHandle"])
        counts = aws.ask("sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        self.assertEqual(set(counts["Attributes"].values()), {"0"})

    def test_what_is_received_too_often_goes_to_the_dead_letter_queue(self):
        dead = self.queue("redriven-dlq")
        policy = {"deadLetterTargetArn": f"arn:aws:sqs:eu-west-2:{ACCOUNT}:redriven-dlq", "maxReceiveCount": "2"}
        url = self.queue("redriven", RedrivePolicy=json.dumps(policy), VisibilityTimeout="0")
        sent = aws.ask("sqs", "send-message", "--queue-url", url, "--message-body", "poison", "--message-attributes", '{"key":{"DataType":"String","StringValue":"k"}}')
        for _ in range(2):
            received = aws.ask("sqs", "receive-message", "--queue-url", url)
            self.assertEqual(received["Messages"][0]["Body"], "poison")
        self.assertEqual(aws.ask("sqs", "receive-message", "--queue-url", url).get("Messages"), None)
        (message,) = aws.ask("sqs", "receive-message", "--queue-url", dead, "--message-attribute-names", "All", "--attribute-names", "All")["Messages"]
        self.assertEqual((message["MessageId"], message["Body"]), (sent["MessageId"], "poison"))
        self.assertEqual(message["MessageAttributes"]["key"]["StringValue"], "k")
        self.assertEqual(message["Attributes"]["DeadLetterQueueSourceArn"], f"arn:aws:sqs:eu-west-2:{ACCOUNT}:redriven")

    def test_visibility_can_be_changed(self):
        url = self.queue("visibility")
        aws.ask("sqs", "send-message", "--queue-url", url, "--message-body", "later")
        (message,) = aws.ask("sqs", "receive-message", "--queue-url", url)["Messages"]
        aws.ask("sqs", "change-message-visibility", "--queue-url", url, "--receipt-handle", message["ReceiptHandle"], "--visibility-timeout", "0")
        (again,) = aws.ask("sqs", "receive-message", "--queue-url", url, "--attribute-names", "All")["Messages"]
        self.assertEqual(again["Attributes"]["ApproximateReceiveCount"], "2")

    def test_batches_account_for_each_entry(self):
        url = self.queue("batch")
        entries = [{"Id": "good", "MessageBody": "1"}, {"Id": "bad", "MessageBody": "\u0001"}]
        answer = aws.ask("sqs", "send-message-batch", "--queue-url", url, "--entries", json.dumps(entries))
        self.assertEqual([entry["Id"] for entry in answer["Successful"]], ["good"])
        self.assertEqual([(entry["Id"], entry["Code"]) for entry in answer["Failed"]], [("bad", "InvalidMessageContents")])
        aws.ask("sqs", "purge-queue", "--queue-url", url)
        self.assertEqual(aws.ask("sqs", "receive-message", "--queue-url", url).get("Messages"), None)

    def test_a_long_poll_waits_for_the_message(self):
        url = self.queue("long-poll")
        with ThreadPoolExecutor(1) as threads:
            polled = threads.submit(aws.ask, "sqs", "receive-message", "--queue-url", url, "--wait-time-seconds", "20")
            aws.ask("sqs", "send-message", "--queue-url", url, "--message-body", "late")
            self.assertEqual(polled.result()["Messages"][0]["Body"], "late")

    def test_a_fifo_queue_keeps_the_order_of_a_group_and_takes_a_deduplication_id_once(self):
        url = self.queue("order.fifo", FifoQueue="true")
        for body, group, once in [("1", "a", "x"), ("1 again", "a", "x"), ("2", "a", "y"), ("3", "b", "z")]:
            aws.ask("sqs", "send-message", "--queue-url", url, "--message-body", body, "--message-group-id", group, "--message-deduplication-id", once)
        first = aws.ask("sqs", "receive-message", "--queue-url", url)["Messages"]
        second = aws.ask("sqs", "receive-message", "--queue-url", url, "--max-number-of-messages", "10", "--attribute-names", "MessageGroupId")["Messages"]
        self.assertEqual([message["Body"] for message in first + second], ["1", "3"])
        self.assertEqual(second[0]["Attributes"], {"MessageGroupId": "b"})

    def test_what_sqs_refuses(self):
        url = self.queue("refusals")
        eleven = {f"a{number}": {"DataType": "String", "StringValue": "v"} for number in range(11)}
        send = ["sqs", "send-message", "--queue-url", url, "--message-body"]
        rows = [
            (["sqs", "get-queue-url", "--queue-name", "nothing"], "AWS.SimpleQueueService.NonExistentQueue"),
            ([*send, "a\u0001b"], "InvalidMessageContents"),
            ([*send, "a", "--message-attributes", json.dumps(eleven)], "InvalidParameterValue"),
            ([*send, "a", "--message-attributes", '{"a..b":{"DataType":"String","StringValue":"v"}}'], "InvalidParameterValue"),
            ([*send, "a", "--message-attributes", '{"a":{"DataType":"String","StringValue":""}}'], "InvalidParameterValue"),
            (["sqs", "delete-message", "--queue-url", url, "--receipt-handle", "bad"], "ReceiptHandleIsInvalid"),
            (["sqs", "receive-message", "--queue-url", url, "--max-number-of-messages", "11"], "InvalidParameterValue"),
        ]
        with ThreadPoolExecutor(4) as threads:
            refusals = list(threads.map(lambda row: aws.refusal(*row[0]), rows))
        for (arguments, expected), (code, message) in zip(rows, refusals, strict=True):
            with self.subTest(arguments):
                self.assertEqual(code, expected, message)


if __name__ == "__main__":
    unittest.main()

"""The stand-in's DynamoDB held against moto's: one script of conditional writes, and each answer of both is the same.

    STANDIN_COMMAND="... standin --port {port}" python3 -m unittest -v dynamodb

Needs PyPI's `moto[server]`, and `botocore` (which `awscli` brings).
"""

import unittest

import botocore.session
from botocore.exceptions import ClientError

from aws_cli import Standin
from local_aws import moto

TABLE = "connect-provisioner-claims"


KEY = {"claim": {"S": "instance/person"}}
IS_MINE = "attempt = :attempt AND attribute_not_exists(user_id)"


def values(**texts):
    return {f":{name}": {"S": text} for name, text in texts.items()}


def claim(attempt):
    return {"Key": KEY, "UpdateExpression": "SET username = :username, attempt = :attempt, claimed_at = :now",
            "ConditionExpression": "attribute_not_exists(claim)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            "ExpressionAttributeValues": values(username="zoe", attempt=attempt) | {":now": {"N": "1"}}}


def adoption(person):
    return {"Key": {"claim": {"S": "instance/user/u1"}}, "UpdateExpression": "SET person = :person, claimed_at = :now",
            "ConditionExpression": "attribute_not_exists(claim) OR person = :person",
            "ExpressionAttributeValues": values(person=person) | {":now": {"N": "1"}}}


# The calls of src/connect/claims.rs, those whose conditions fail among them.
SCRIPT = [
    ("delete_item", {"Key": KEY, "ConditionExpression": IS_MINE, "ExpressionAttributeValues": values(attempt="1")}),
    ("update_item", claim("1")),
    ("update_item", claim("2")),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET attempt = :attempt",
                     "ConditionExpression": "attempt = :earlier AND username = :username AND attribute_not_exists(user_id)",
                     "ExpressionAttributeValues": values(attempt="2", earlier="1", username="zoe")}),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET username = :username", "ConditionExpression": IS_MINE,
                     "ExpressionAttributeValues": values(username="zoe2", attempt="1")}),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET username = :username", "ConditionExpression": IS_MINE,
                     "ExpressionAttributeValues": values(username="zoe2", attempt="2")}),
    ("update_item", {"Key": KEY, "UpdateExpression": "SET user_id = :user_id, made_at = :now",
                     "ConditionExpression": "username = :username AND attribute_not_exists(user_id)",
                     "ExpressionAttributeValues": values(user_id="u1", username="zoe2") | {":now": {"N": "1"}}}),
    ("delete_item", {"Key": KEY, "ConditionExpression": IS_MINE, "ExpressionAttributeValues": values(attempt="2")}),
    ("update_item", claim("3")),
    ("update_item", {"Key": KEY, "ConditionExpression": "user_id = :user_id",
                     "UpdateExpression": "SET username = :username, attempt = :attempt, claimed_at = :now "
                                         "REMOVE user_id, made_at",
                     "ExpressionAttributeValues": values(username="zoe", attempt="3", user_id="u1")
                     | {":now": {"N": "2"}}}),
    ("get_item", {"Key": KEY, "ConsistentRead": True}),
    ("update_item", adoption("a")),
    ("update_item", adoption("b")),
    ("delete_item", {"Key": KEY, "ConditionExpression": IS_MINE, "ExpressionAttributeValues": values(attempt="3")}),
    ("get_item", {"Key": KEY, "ConsistentRead": True}),
]


def answers(url):
    session = botocore.session.Session()
    session.set_credentials("standin", "standin")
    client = session.create_client("dynamodb", region_name="eu-west-2", endpoint_url=url)
    if TABLE not in known_tables(client):
        client.create_table(TableName=TABLE, BillingMode="PAY_PER_REQUEST",
                            KeySchema=[{"AttributeName": "claim", "KeyType": "HASH"}],
                            AttributeDefinitions=[{"AttributeName": "claim", "AttributeType": "S"}])
    found = []
    for operation, call in SCRIPT:
        try:
            answer = getattr(client, operation)(TableName=TABLE, **call)
            found.append((operation, answer.get("Item")))
        except ClientError as err:
            found.append((operation, err.response["Error"]["Code"], err.response.get("Item")))
    return found


def known_tables(client):
    try:
        client.describe_table(TableName=TABLE)
        return [TABLE]
    except ClientError:
        return []


class HeldAgainstMoto(unittest.TestCase):
    def test_every_answer_is_the_same(self):
        other = moto()
        self.addCleanup(other.stop)
        expected = answers(other.url)
        with Standin() as standin:
            self.assertEqual(answers(f"http://127.0.0.1:{standin.port}"), expected)
        failed = [answer for answer in expected if "ConditionalCheckFailedException" in answer]
        self.assertEqual(len(failed), 6, expected)
        # What made a condition fail is told where the call asks for it.
        self.assertEqual([answer[2]["attempt"]["S"] for answer in failed if answer[2]], ["1", "2"])

"""An SQS batch of joins -> Amazon Connect users, as a team would write it in Python: boto3 and Powertools.

Left out, and done by the product: dead letters with a reason, telling whose an existing user is, pacing under Connect's
quota, deadlines, envelopes and other systems' events, names instead of ids, checks before the call, metrics.
"""

import hashlib
import json
import os
import re
import unicodedata

import boto3
from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

INSTANCE_ID = os.environ["INSTANCE_ID"]
SECRET_ID = os.environ["SECRET_ID"]
# {"CC-UK": {"routing_profile": "...", "security_profiles": ["..."], "hierarchy_group": "..."}}
PROFILES = json.loads(os.environ["PROFILES"])

connect = boto3.client("connect")
processor = BatchProcessor(event_type=EventType.SQS)


def handler(event, context):
    return process_partial_response(event=event, record_handler=record_handler, processor=processor, context=context)


def record_handler(record):
    event = json.loads(record["body"])
    if event.get("specversion") != "hr.join/1":
        raise ValueError("not hr.join/1")
    if event["type"] != "worker.joined":
        return
    join(event["worker"])


def join(worker):
    department = worker["department"]["code"]
    profiles = PROFILES[department]
    password = parameters.get_secret(SECRET_ID, transform="json", max_age=300)["password"]
    try:
        user = connect.create_user(
            InstanceId=INSTANCE_ID,
            Username=username(worker),
            Password=password,
            IdentityInfo={
                "FirstName": worker.get("preferredName") or worker["givenName"],
                "LastName": worker["familyName"],
            },
            PhoneConfig={"PhoneType": "SOFT_PHONE", "AutoAccept": False, "AfterContactWorkTimeLimit": 30},
            RoutingProfileId=profiles["routing_profile"],
            SecurityProfileIds=profiles["security_profiles"],
            HierarchyGroupId=profiles["hierarchy_group"],
            Tags={
                "person": hashlib.sha256(worker["employeeId"].encode()).hexdigest()[:32],
                "cost-centre": department,
                "site": worker["location"],
            },
        )
        outcome, user_id = "created", user["UserId"]
    except connect.exceptions.DuplicateResourceException:
        # A second delivery, it is hoped: whose user it is nobody looks up.
        outcome, user_id = "already_exists", None
    print(json.dumps({"outcome": outcome, "employee_id": worker["employeeId"], "user_id": user_id}))


def username(worker):
    name = unicodedata.normalize("NFKD", f"{worker['givenName']}.{worker['familyName']}")
    return re.sub(r"[^a-z0-9.]", "", name.encode("ascii", "ignore").decode().lower())[:20]

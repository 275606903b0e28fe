"""Made-up people -> SQS batches of their joins, each person once."""

import itertools
import json

# The order of hr.join/1's members does not matter; the values are of a usual length.
_numbers = itertools.count(1)


def person(department="CC-UK"):
    number = next(_numbers)
    return {
        "employeeId": f"E{number:07}",
        "givenName": f"Zoe{number}",
        "familyName": "Brueckner",
        "email": f"e{number}@example.com",
        "mobile": "+447700900123",
        "department": {"code": department, "name": "Customer Care"},
        "job": {"code": "AGT1", "title": "Service Agent"},
        "location": "Leeds",
        "managerEmployeeId": "E100871",
        "startDate": "2026-12-01",
        "employmentType": "FULL_TIME",
    }


def hr_join(department="CC-UK"):
    """A person as `hr.join/1`."""
    worker = person(department)
    return {
        "specversion": "hr.join/1",
        "eventId": f"hr-{worker['employeeId']}",
        "occurredAt": "2026-11-20T09:14:03Z",
        "type": "worker.joined",
        "worker": worker,
    }


def from_hr_system(system, department="CC-UK"):
    """A person as one of the made-up HR systems of `estate.py` tells of them."""
    worker = person(department)
    return {
        "system": system,
        "kind": "hired",
        "hire": {
            "number": worker["employeeId"],
            "name": {"first": worker["givenName"], "last": worker["familyName"]},
            "emails": [{"type": "work", "value": worker["email"]}],
            "unit": department,
            "role": worker["job"]["code"],
            "site": worker["location"],
            "start": worker["startDate"],
        },
    }


def record(event):
    number = next(_numbers)
    return {
        "messageId": f"059f36b4-87a3-44ab-83d2-{number:012}",
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": json.dumps(event),
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1763629643123",
            "SenderId": "AROAEXAMPLE:sender",
            "ApproximateFirstReceiveTimestamp": "1763629643130",
        },
        "messageAttributes": {},
        "md5OfBody": "098f6bcd4621d373cade4e832627b4f6",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-2:111122223333:hr-joins",
        "awsRegion": "eu-west-2",
    }


def batch(size, event=hr_join):
    return {"Records": [record(event()) for _ in range(size)]}

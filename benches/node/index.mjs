// An SQS batch of joins -> Amazon Connect users, as a team would write it in Node: AWS SDK v3 and Powertools.
//
// Left out, and done by the product: dead letters with a reason, telling whose an existing user is, pacing under Connect's
// quota, deadlines, envelopes and other systems' events, names instead of ids, checks before the call, metrics.

import { createHash } from "node:crypto";
import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import { getSecret } from "@aws-lambda-powertools/parameters/secrets";
import { ConnectClient, CreateUserCommand, DuplicateResourceException } from "@aws-sdk/client-connect";

const { INSTANCE_ID, SECRET_ID } = process.env;
// {"CC-UK": {"routing_profile": "...", "security_profiles": ["..."], "hierarchy_group": "..."}}
const PROFILES = JSON.parse(process.env.PROFILES);

const connect = new ConnectClient({});
const processor = new BatchProcessor(EventType.SQS);

// One after the other: all at once would only be throttled.
export const handler = (event, context) =>
  processPartialResponse(event, recordHandler, processor, { context, processInParallel: false });

async function recordHandler(record) {
  const event = JSON.parse(record.body);
  if (event.specversion !== "hr.join/1") throw new Error("not hr.join/1");
  if (event.type !== "worker.joined") return;
  await join(event.worker);
}

async function join(worker) {
  const department = worker.department.code;
  const profiles = PROFILES[department];
  if (!profiles) throw new Error(`no profiles for department ${department}`);
  const { password } = await getSecret(SECRET_ID, { transform: "json", maxAge: 300 });
  let outcome, userId;
  try {
    const user = await connect.send(new CreateUserCommand({
      InstanceId: INSTANCE_ID,
      Username: username(worker),
      Password: password,
      IdentityInfo: { FirstName: worker.preferredName || worker.givenName, LastName: worker.familyName },
      PhoneConfig: { PhoneType: "SOFT_PHONE", AutoAccept: false, AfterContactWorkTimeLimit: 30 },
      RoutingProfileId: profiles.routing_profile,
      SecurityProfileIds: profiles.security_profiles,
      HierarchyGroupId: profiles.hierarchy_group,
      Tags: {
        person: createHash("sha256").update(worker.employeeId).digest("hex").slice(0, 32),
        "cost-centre": department,
        site: worker.location,
      },
    }));
    [outcome, userId] = ["created", user.UserId];
  } catch (error) {
    if (!(error instanceof DuplicateResourceException)) throw error;
    // A second delivery, it is hoped: whose user it is nobody looks up.
    [outcome, userId] = ["already_exists", null];
  }
  console.log(JSON.stringify({ outcome, employee_id: worker.employeeId, user_id: userId }));
}

function username(worker) {
  const name = `${worker.givenName}.${worker.familyName}`.normalize("NFKD").toLowerCase();
  return name.replace(/[^a-z0-9.]/g, "").slice(0, 20);
}

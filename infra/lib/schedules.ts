// Joins that are dated ahead -> the group that their schedules are in, and the role with which these send them back.

import { Aws, type RemovalPolicy } from "aws-cdk-lib";
import { Policy, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { CfnScheduleGroup, type IScheduleGroup, ScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

import type { ProvisionerConfig } from "./provisioner-config.ts";
import { roleStatements } from "./role-policy.ts";

/** What decides where schedules send. */
export interface SchedulesProps {
  readonly config: ProvisionerConfig;
  readonly source: Queue;
  /** For what cannot be sent; EventBridge Scheduler takes no FIFO queue. */
  readonly undelivered: Queue;
  readonly queueKey: IKey;
  /** What becomes of the schedules, and of their role, with the stack or with [schedule]. */
  readonly removalPolicy: RemovalPolicy;
}

/** What [schedule] needs. */
export class Schedules extends Construct {
  readonly group: IScheduleGroup;
  readonly role: Role;
  /** The function's environment variables for them. */
  readonly environment: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: SchedulesProps) {
    super(scope, id);
    const { source, undelivered, removalPolicy } = props;
    // CDK's own construct gives a fixed name, which a group that was kept would hold against the next deployment.
    const group = new CfnScheduleGroup(this, "Resource");
    group.applyRemovalPolicy(removalPolicy);
    this.group = ScheduleGroup.fromScheduleGroupName(this, "Group", group.ref);
    // EventBridge Scheduler User Guide, "Confused deputy prevention".
    this.role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: {
          StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID, "aws:SourceArn": this.group.scheduleGroupArn },
        },
      }),
      description: "Sends joins back to their queue when they are due",
    });
    const policy = new Policy(this, "Calls", {
      roles: [this.role],
      statements: roleStatements(props.config, "schedules", {
        deadLetterQueueArn: undelivered.queueArn,
        sourceQueueArn: source.queueArn,
        queueKeyArn: props.queueKey.keyArn,
      }),
    });
    // A schedule whose role is gone would lose its join, even on the way to the dead-letter queue.
    for (const kept of [this.role, policy]) kept.applyRemovalPolicy(removalPolicy);
    this.environment = {
      PROVISIONER_SCHEDULE_GROUP: this.group.scheduleGroupName,
      PROVISIONER_SCHEDULE_ROLE_ARN: this.role.roleArn,
      PROVISIONER_SCHEDULE_DLQ_ARN: undelivered.queueArn,
      PROVISIONER_SOURCE_QUEUE_URL: source.queueUrl,
    };
  }
}

// A configuration and the deployment's ARNs -> the statements of a role, as `provisionctl iam-policy` says.

import { Aws } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";

import type { ProvisionerConfig } from "./provisioner-config.ts";
import { provisionctl } from "./provisionctl.ts";

/** Whose: the function's, or that of its schedules. */
export type RoleName = "function" | "schedules";

/** What the function and its schedules use, by ARN. */
export interface RoleResources {
  readonly deadLetterQueueArn: string;
  /** Absent where EventBridge hands events over directly. */
  readonly sourceQueueArn?: string;
  readonly queueKeyArn: string;
  /** The customer managed key of the password's secret, if it has one. */
  readonly secretKeyArn?: string;
  readonly logGroupArn?: string;
  /** Where the configuration lets joins wait. */
  readonly schedules?: { readonly groupName: string; readonly roleArn: string };
}

/** The statements; CDK's tokens pass through the command line as they are. */
export function roleStatements(config: ProvisionerConfig, role: RoleName, uses: RoleResources): PolicyStatement[] {
  const options: Record<string, string | undefined> = {
    "--role": role,
    "--config": config.file,
    "--partition": Aws.PARTITION,
    "--region": Aws.REGION,
    "--account-id": Aws.ACCOUNT_ID,
    "--dead-letter-queue-arn": uses.deadLetterQueueArn,
    "--source-queue-arn": uses.sourceQueueArn,
    "--queue-key-arn": uses.queueKeyArn,
    "--secret-key-arn": uses.secretKeyArn,
    "--log-group-arn": uses.logGroupArn,
    "--schedule-group": uses.schedules?.groupName,
    "--schedule-role-arn": uses.schedules?.roleArn,
  };
  const given = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
  const printed = provisionctl("iam-policy", ...given);
  const document = JSON.parse(printed) as { Statement: object[] };
  return document.Statement.map((statement) => PolicyStatement.fromJson(statement));
}

// What the synthesized stack promises: nothing lost, least privilege, numbers that fit each other.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { App, Duration, type Stack, Validations } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { AwsSolutionsChecks } from "cdk-nag";
import { beforeAll, describe, expect, it } from "vitest";

import { batchSize, type Trigger } from "../lib/connect-provisioner.ts";
import { readConfig } from "../lib/provisioner-config.ts";
import { provisionctl } from "../lib/provisionctl.ts";
import { ProvisionerStack, type ProvisionerStackProps } from "../lib/provisioner-stack.ts";

const EXAMPLE = fileURLToPath(new URL("../../provisioner.toml", import.meta.url));
const CONTEXT = (JSON.parse(readFileSync(new URL("../cdk.json", import.meta.url), "utf8")) as { context: object })
  .context;

function made(props: Partial<ProvisionerStackProps> = {}): { app: App; stack: ProvisionerStack } {
  // The tests need no build of the function.
  const app = new App({ context: { ...CONTEXT, "aws:cdk:bundling-stacks": [] } });
  const env = { account: "111122223333", region: "eu-west-2" };
  return { app, stack: new ProvisionerStack(app, "Test", { env, configFile: EXAMPLE, ...props }) };
}

const template = (props?: Partial<ProvisionerStackProps>): Template => Template.fromStack(made(props).stack);

function configured(change: (example: string) => string): string {
  const file = join(mkdtempSync(join(tmpdir(), "config-")), "provisioner.toml");
  writeFileSync(file, change(readFileSync(EXAMPLE, "utf8")));
  return file;
}

const scheduling = (): string =>
  configured((text) => text.replace("[retry]", "[schedule]\nhours_before = 72\n\n[retry]"));

const claiming = (): string =>
  configured((text) => text.replace("[retry]", '[claims]\ntable = "joins-claims"\n\n[retry]'));

interface Statement {
  Sid?: string;
  Effect: string;
  Action: string | string[];
  Resource?: unknown;
  Principal?: unknown;
  Condition?: unknown;
}

const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

function statements(template: Template, type: string): Statement[] {
  return Object.values(template.findResources(type)).flatMap(
    (resource) => (resource["Properties"] as { PolicyDocument: { Statement: Statement[] } }).PolicyDocument.Statement,
  );
}

function properties(template: Template, type: string): Record<string, any>[] {
  return Object.values(template.findResources(type)).map((resource) => resource["Properties"] as Record<string, any>);
}

describe("the queue's trigger", () => {
  let queued: Template;
  beforeAll(() => {
    queued = template();
  });

  it("hands back what failed, by message, and shares the quota as configured", () => {
    queued.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: readConfig(EXAMPLE).concurrency },
      BatchSize: 10,
    });
  });

  it("keeps a join hidden six times the function's time-out, and dead letters longer than joins", () => {
    const timeout = properties(queued, "AWS::Lambda::Function")[0]!["Timeout"] as number;
    const queues = properties(queued, "AWS::SQS::Queue");
    const source = queues.find((queue) => queue["RedrivePolicy"])!;
    const dead = queues.find((queue) => !queue["RedrivePolicy"])!;
    expect(queues).toHaveLength(2);
    expect(source["VisibilityTimeout"]).toBe(6 * timeout);
    expect(dead["MessageRetentionPeriod"]).toBe(14 * 86_400);
    expect(source["MessageRetentionPeriod"]).toBeLessThan(dead["MessageRetentionPeriod"]);
    const variables = properties(queued, "AWS::Lambda::Function")[0]!["Environment"].Variables;
    expect(variables.PROVISIONER_MAX_RECEIVE_COUNT).toBe(String(source["RedrivePolicy"].maxReceiveCount));
  });

  it("leaves it to the function to give a join up, and keeps the join until then", () => {
    const source = properties(queued, "AWS::SQS::Queue").find((queue) => queue["RedrivePolicy"])!;
    const { retry } = readConfig(EXAMPLE);
    const receives = source["RedrivePolicy"].maxReceiveCount as number;
    expect(receives).toBe(500);
    expect(receives).toBeGreaterThan(retry.deliveriesNeeded);
    expect(source["MessageRetentionPeriod"]).toBeGreaterThan(
      retry.systemicGiveUp + retry.longestWait + retry.firstWait * receives,
    );
  });

  it("is encrypted by a rotated key, and takes TLS only", () => {
    queued.hasResourceProperties("AWS::KMS::Key", { EnableKeyRotation: true });
    for (const queue of properties(queued, "AWS::SQS::Queue")) expect(queue["KmsMasterKeyId"]).toBeDefined();
    const denials = statements(queued, "AWS::SQS::QueuePolicy").filter((statement) => statement.Effect === "Deny");
    expect(denials).toHaveLength(2);
    for (const denial of denials) expect(denial.Condition).toEqual({ Bool: { "aws:SecureTransport": "false" } });
    const topic = statements(queued, "AWS::SNS::TopicPolicy");
    expect(topic.map((statement) => statement.Effect).sort()).toEqual(["Allow", "Deny"]);
  });

  it("keeps what EventBridge cannot deliver", () => {
    const [rule] = properties(queued, "AWS::Events::Rule");
    const [target] = rule!["Targets"] as { Arn: unknown; DeadLetterConfig: { Arn: unknown } }[];
    expect(target!.DeadLetterConfig.Arn).not.toEqual(target!.Arn);
    expect(rule!["EventPattern"]).toEqual({ "detail-type": ["WorkerJoined", "worker.joined"] });
    queued.hasResourceProperties("AWS::Events::Archive", { RetentionDays: 30 });
  });

  it("runs the release build on arm64, with a JSON log that ends", () => {
    queued.hasResourceProperties("AWS::Lambda::Function", {
      Architectures: ["arm64"],
      Runtime: "provided.al2023",
      LoggingConfig: Match.objectLike({ LogFormat: "JSON" }),
      TracingConfig: Match.absent(),
    });
    queued.hasResourceProperties("AWS::Logs::LogGroup", { RetentionInDays: 90 });
  });

  it("keeps dead letters and their key when the stack goes", () => {
    queued.hasResource("AWS::SQS::Queue", { DeletionPolicy: "Retain", Properties: { RedrivePolicy: Match.absent() } });
    queued.hasResource("AWS::KMS::Key", { DeletionPolicy: "Retain" });
  });

  it("lets alarms publish, and use the key", () => {
    const publish = statements(queued, "AWS::SNS::TopicPolicy").find((statement) => statement.Effect === "Allow")!;
    expect(publish).toMatchObject({ Action: "sns:Publish", Principal: { Service: "cloudwatch.amazonaws.com" } });
    const keys = properties(queued, "AWS::KMS::Key").flatMap((key) => key["KeyPolicy"].Statement as Statement[]);
    const services = keys.flatMap((statement) =>
      list((statement.Principal as { Service?: string | string[] }).Service ?? []),
    );
    expect(services).toEqual(expect.arrayContaining(["cloudwatch.amazonaws.com", "events.amazonaws.com"]));
  });

  it("alarms somebody of everything that needs a person", () => {
    const alarms = properties(queued, "AWS::CloudWatch::Alarm");
    const watched = alarms.map((alarm) => `${alarm["Namespace"]} ${alarm["MetricName"]}`).sort();
    expect(watched).toEqual([
      "AWS/Lambda ConcurrentExecutions",
      "AWS/Lambda Errors",
      "AWS/Lambda Throttles",
      "AWS/SQS ApproximateAgeOfOldestMessage",
      "AWS/SQS ApproximateNumberOfMessagesVisible",
      "ConnectProvisioner SystemicStop",
    ]);
    for (const alarm of alarms) {
      expect(alarm["AlarmActions"]).toHaveLength(1);
      expect(alarm["AlarmDescription"]).toBeTruthy();
    }
  });

  it("says in its alarms how long joins wait, as the configuration has it", () => {
    const description = (found: Template, metric: string): string =>
      properties(found, "AWS::CloudWatch::Alarm").find((alarm) => alarm["MetricName"] === metric)!["AlarmDescription"];
    expect(description(queued, "SystemicStop")).toContain("wait in the queue for up to 3 days; then they become dead");
    expect(description(queued, "ApproximateAgeOfOldestMessage")).toContain("is tried for 2 hours and 10 deliveries");
    expect(description(queued, "Errors")).toContain("joins wait for up to 2 days 2 hours; then SQS");
    const sooner = configured((text) =>
      text.replace("systemic_give_up_after_seconds = 259200", "systemic_give_up_after_seconds = 86400"),
    );
    expect(description(template({ configFile: sooner }), "SystemicStop")).toContain("for up to 1 day;");
    const direct = template({ trigger: "direct" });
    for (const metric of ["SystemicStop", "Errors"]) {
      expect(description(direct, metric)).toContain("Lambda tries the event twice more");
      expect(description(direct, metric)).not.toContain("in the queue");
    }
  });

  it("keeps the alarm of a systemic stop until the longest wait has passed without one", () => {
    queued.hasResourceProperties("AWS::CloudWatch::Alarm", {
      MetricName: "SystemicStop",
      Period: 60,
      EvaluationPeriods: readConfig(EXAMPLE).retry.longestWait / 60,
      DatapointsToAlarm: 1,
    });
  });

  it("shows how many messages were split", () => {
    const shown = (found: Template): string => JSON.stringify(properties(found, "AWS::CloudWatch::Dashboard"));
    expect(shown(queued)).toContain('\\"Split\\"');
    expect(shown(template({ trigger: "direct" }))).not.toContain('\\"Split\\"');
  });
});

describe("the role", () => {
  const calls = (props: Partial<ProvisionerStackProps> = {}): Statement[] =>
    statements(template(props), "AWS::IAM::Policy");
  const actions = (found: Statement[]): string[] => found.flatMap((statement) => list(statement.Action)).sort();

  it("may do what provisionctl iam-policy says, and nothing else", () => {
    const said = JSON.parse(
      provisionctl(
        "iam-policy",
        "--config",
        EXAMPLE,
        "--region",
        "eu-west-2",
        "--account-id",
        "111122223333",
        "--dead-letter-queue-arn",
        "D",
        "--source-queue-arn",
        "S",
        "--queue-key-arn",
        "K",
        "--log-group-arn",
        "L",
      ),
    ) as { Statement: Statement[] };
    expect(actions(calls())).toEqual(actions(said.Statement));
    expect(actions(calls())).toContain("connect:CreateUser");
    expect(properties(template(), "AWS::IAM::Role").map((role) => role["ManagedPolicyArns"])).toEqual([undefined]);
  });

  it("has no wildcard but under the instance, the secret and the log group", () => {
    for (const statement of calls()) {
      for (const resource of list(statement.Resource)) {
        const spelled = JSON.stringify(resource);
        if (!/[*?]/.test(spelled)) continue;
        expect(spelled).toMatch(
          /instance\/a1b2c3d4-5678-90ab-cdef-EXAMPLE11111\/[a-z-]+\/\*|secret:connect\/initial-password-\?{6}|:log-group:.*:\*/,
        );
      }
    }
  });

  it("follows the configuration: another instance and secret, and no secret under SAML", () => {
    const other = configured((text) =>
      text.replace("EXAMPLE11111", "EXAMPLE99999").replace('"connect/initial-password"', '"hr/{{ employee_id }}"'),
    );
    const spelled = JSON.stringify(calls({ configFile: other }));
    expect(spelled).toContain("EXAMPLE99999");
    expect(spelled).not.toContain("EXAMPLE11111");
    expect(spelled).toContain("secret:hr/*-??????");
    const saml = configured((text) =>
      text.replace('"CONNECT_MANAGED"', '"SAML"').replace(/\[password\][^]*?\n\n/, "\n"),
    );
    expect(actions(calls({ configFile: saml }))).not.toContain("secretsmanager:GetSecretValue");
  });

  it("may trace only where tracing is on", () => {
    expect(actions(calls({ tracing: true }))).toContain("xray:PutTraceSegments");
    expect(actions(calls())).not.toContain("xray:PutTraceSegments");
  });
});

describe("other triggers", () => {
  it("keeps the order of a FIFO queue, and gives EventBridge a dead-letter queue that it takes", () => {
    const ordered = template({ trigger: "fifo-queue" });
    const queues = properties(ordered, "AWS::SQS::Queue");
    expect(queues.map((queue) => queue["FifoQueue"] === true).sort()).toEqual([false, true, true]);
    expect(properties(ordered, "AWS::Events::Rule")[0]!["Targets"][0].SqsParameters.MessageGroupId).toBe("joins");
    const target = properties(ordered, "AWS::Events::Rule")[0]!["Targets"][0].DeadLetterConfig.Arn[
      "Fn::GetAtt"
    ][0] as string;
    expect(ordered.toJSON().Resources[target].Properties.FifoQueue).toBeUndefined();
  });

  it("bounds the copies of a function that EventBridge calls itself, and keeps what fails", () => {
    const direct = template({ trigger: "direct" });
    direct.resourceCountIs("AWS::Lambda::EventSourceMapping", 0);
    direct.hasResourceProperties("AWS::Lambda::Function", { ReservedConcurrentExecutions: 2 });
    direct.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: Match.anyValue() },
    });
    expect(properties(direct, "AWS::SQS::Queue")).toHaveLength(1);
  });

  it("reserves nothing where an account has nothing to reserve", () => {
    const reserved = (props: Partial<ProvisionerStackProps>): unknown =>
      properties(template(props), "AWS::Lambda::Function")[0]!["ReservedConcurrentExecutions"];
    expect(reserved({ trigger: "direct" })).toBe(2);
    expect(reserved({ trigger: "direct", reservedConcurrency: false })).toBeUndefined();
    expect(reserved({})).toBeUndefined();
  });
});

describe("joins that are dated ahead", () => {
  const of = (props: Partial<ProvisionerStackProps> = {}): Template => template({ configFile: scheduling(), ...props });
  const resolved = (found: Template, value: unknown): Record<string, any> =>
    found.toJSON().Resources[(value as { "Fn::GetAtt": [string] })["Fn::GetAtt"][0]].Properties;

  it("wait in a group of their own, which the function alone fills and the role alone empties", () => {
    const found = of();
    const variables = properties(found, "AWS::Lambda::Function")[0]!["Environment"].Variables;
    const groups = Object.keys(found.findResources("AWS::Scheduler::ScheduleGroup"));
    expect(groups.map((Ref) => ({ Ref }))).toEqual([variables.PROVISIONER_SCHEDULE_GROUP]);
    const all = statements(found, "AWS::IAM::Policy");
    const ofSid = (sid: string): Statement => all.find((statement) => statement.Sid === sid)!;
    expect(ofSid("PassScheduleRole").Resource).toEqual(variables.PROVISIONER_SCHEDULE_ROLE_ARN);
    expect(JSON.stringify(ofSid("SetSchedules").Resource)).toContain(groups[0]);
    const role = resolved(found, variables.PROVISIONER_SCHEDULE_ROLE_ARN)["AssumeRolePolicyDocument"].Statement[0];
    expect(role.Principal).toEqual({ Service: "scheduler.amazonaws.com" });
    expect(JSON.stringify(role.Condition.StringEquals["aws:SourceArn"])).toContain(groups[0]);
    expect(ofSid("SendJoins").Action).toBe("sqs:SendMessage");
    expect(list(ofSid("SendJoins").Resource)).toContainEqual(variables.PROVISIONER_SCHEDULE_DLQ_ARN);
    const alarms = properties(found, "AWS::CloudWatch::Alarm").map((alarm) => alarm["MetricName"]);
    expect(alarms).toContain("InvocationsFailedToBeSentToDeadLetterCount");
  });

  it("are kept with what they need to end in the dead-letter queue, when the stack goes", () => {
    const found = of();
    const kept = Object.values(found.toJSON().Resources as Record<string, { Type: string; DeletionPolicy?: string }>)
      .filter((resource) => resource.DeletionPolicy === "Retain")
      .map((resource) => resource.Type)
      .sort();
    expect(kept).toEqual([
      "AWS::IAM::Policy",
      "AWS::IAM::Role",
      "AWS::KMS::Key",
      "AWS::Logs::LogGroup",
      "AWS::SQS::Queue",
      "AWS::Scheduler::ScheduleGroup",
    ]);
  });

  it("have a standard queue for what cannot be sent beside a FIFO one", () => {
    const found = of({ trigger: "fifo-queue" });
    const variables = properties(found, "AWS::Lambda::Function")[0]!["Environment"].Variables;
    expect(resolved(found, variables.PROVISIONER_SCHEDULE_DLQ_ARN)["FifoQueue"]).toBeUndefined();
  });

  it("need a queue to come back to, and nothing where there is no [schedule]", () => {
    expect(() => of({ trigger: "direct" })).toThrow(/leave one of them out/);
    template().resourceCountIs("AWS::Scheduler::ScheduleGroup", 0);
  });
});

describe("claims", () => {
  it("are kept in a table that the function alone changes, and that outlives the stack", () => {
    const found = template({ configFile: claiming() });
    found.hasResource("AWS::DynamoDB::Table", { DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
    const table = properties(found, "AWS::DynamoDB::Table")[0]!;
    expect(table["TableName"]).toBe("joins-claims");
    expect(table["KeySchema"]).toEqual([{ AttributeName: "claim", KeyType: "HASH" }]);
    // Counts alone have the attribute.
    expect(table["TimeToLiveSpecification"]).toEqual({ AttributeName: "expires_at", Enabled: true });
    const claims = statements(found, "AWS::IAM::Policy").filter((one) => one.Sid === "ClaimUsernames");
    expect(claims.map((one) => one.Action)).toEqual([["dynamodb:DeleteItem", "dynamodb:UpdateItem"]]);
    expect(JSON.stringify(claims[0]!.Resource)).toContain("table/joins-claims");
  });

  it("need no table where the configuration names none", () => {
    template().resourceCountIs("AWS::DynamoDB::Table", 0);
  });
});

describe("numbers", () => {
  it("fits the batch to the rate and the time-out", () => {
    const config = readConfig(EXAMPLE);
    expect(batchSize(config, Duration.seconds(60))).toBe(10);
    expect(batchSize({ ...config, requestsPerSecond: 0.2 }, Duration.seconds(60))).toBe(3);
    expect(batchSize({ ...config, requestsPerSecond: 0.01 }, Duration.seconds(60))).toBe(1);
  });

  it("refuses what does not fit", () => {
    const one = configured((text) => text.replace("concurrency = 2", "concurrency = 1"));
    expect(() => made({ configFile: one })).toThrow(/concurrency is 1, and Lambda's least/);
    expect(() => made({ maxReceiveCount: 293 })).toThrow(
      /as many as 293 deliveries.*set maxReceiveCount to 294 or more/,
    );
    expect(() => made({ maxReceiveCount: 1001 })).toThrow(/1000 at the most/);
    expect(() => made({ maxReceiveCount: 1000 })).not.toThrow();
    const hasty = configured((text) => text.replace("longest_seconds = 3600", "longest_seconds = 600"));
    expect(() => made({ configFile: hasty })).toThrow(/1731 deliveries.*raise \[retry\] longest_seconds/);
    const patient = configured((text) =>
      text.replace("systemic_give_up_after_seconds = 259200", "systemic_give_up_after_seconds = 345600"),
    );
    expect(() => made({ configFile: patient })).toThrow(/4 days.*lower \[retry\] systemic_give_up_after_seconds/);
    expect(() => made({ trigger: "fifo" as Trigger })).toThrow(
      /the trigger is fifo; it may be queue, fifo-queue, direct/,
    );
    const bad = configured((text) => text.replace("json_key", "jsonkey"));
    expect(() => made({ configFile: bad })).toThrow(/unknown key `jsonkey`/);
    const named = configured((text) =>
      text.replace("# [queues]", "[queues]").replace('# source = "hr-joins"', 'source = "hr-joins"'),
    );
    expect(() => made({ configFile: named, trigger: "fifo-queue" })).toThrow(/has to end in .fifo/);
    expect(() => made({ configFile: named })).not.toThrow();
  });
});

describe("cfn-lint", () => {
  // What cfn-lint, which has to be on the PATH, has against a template.
  const findings = (found: object): string => {
    const file = join(mkdtempSync(join(tmpdir(), "template-")), "template.json");
    writeFileSync(file, JSON.stringify(found));
    // The CDK itself writes a function's dependency on its role twice.
    const done = spawnSync("cfn-lint", ["--ignore-checks", "W3005", "--", file], { encoding: "utf8" });
    if (done.error) throw done.error;
    return done.status === 0 ? "" : done.stdout + done.stderr;
  };

  it("would say so", () => {
    const wrong = template().toJSON() as {
      Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
    };
    Object.values(wrong.Resources).find((resource) => resource.Type === "AWS::SQS::Queue")!.Properties["Visibility"] =
      1;
    expect(findings(wrong)).toContain("E3002");
  });

  it.each(["queue", "fifo-queue", "direct"] as const)("has nothing against the %s trigger", (trigger) => {
    expect(findings(template({ trigger, tracing: true }).toJSON())).toBe("");
  });

  it("has nothing against schedules", () => {
    expect(findings(template({ configFile: scheduling() }).toJSON())).toBe("");
  });

  it("has nothing against claims", () => {
    expect(findings(template({ configFile: claiming() }).toJSON())).toBe("");
  });
});

describe("cdk-nag", () => {
  // What cdk-nag has against the app; it stops the synthesis and leaves a report.
  const findings = (
    props: Partial<ProvisionerStackProps>,
    change: (stack: Stack) => unknown = () => undefined,
  ): string => {
    const { app, stack } = made(props);
    change(stack);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    try {
      app.synth();
      return "";
    } catch (refusal) {
      const report = /\S+validation-report\.json/.exec(String(refusal));
      return report ? readFileSync(report[0], "utf8") : String(refusal);
    }
  };

  it("would say so", () => {
    expect(findings({}, (stack) => new Queue(stack, "Open"))).toContain("AwsSolutions-SQS4");
  });

  it.each(["queue", "fifo-queue", "direct"] as const)("has nothing against the %s trigger", (trigger) => {
    expect(findings({ trigger, tracing: true })).toBe("");
  });

  it("has nothing against schedules", () => {
    expect(findings({ configFile: scheduling() })).toBe("");
  });

  it("has nothing against claims", () => {
    expect(findings({ configFile: claiming() })).toBe("");
  });
});

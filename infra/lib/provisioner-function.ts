// The function: the local crate's release build with its configuration beside it, its log, and a role for its calls only.

import { dirname, join } from "node:path";

import { ArnFormat, Duration, Stack, Validations } from "aws-cdk-lib";
import { Policy, type PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { type Architecture, type Function, LoggingFormat, Tracing } from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { RustFunction } from "cargo-lambda-cdk";
import { Construct } from "constructs";

import type { ProvisionerConfig } from "./provisioner-config.ts";
import { CRATE } from "./provisionctl.ts";
import type { Queues } from "./queues.ts";
import { roleStatements } from "./role-policy.ts";
import type { Schedules } from "./schedules.ts";

/** What decides how the function is. */
export interface ProvisionerFunctionProps {
  readonly config: ProvisionerConfig;
  readonly queues: Queues;
  /** Where the configuration lets joins wait. */
  readonly schedules?: Schedules;
  readonly queueKey: IKey;
  readonly secretKey?: IKey;
  readonly architecture: Architecture;
  readonly timeout: Duration;
  readonly memorySize: number;
  readonly maxReceiveCount: number;
  /** Whether the copies are bounded where no queue bounds them. */
  readonly reservedConcurrency: boolean;
  readonly logRetention: RetentionDays;
  readonly tracing: boolean;
  readonly environment: Readonly<Record<string, string>>;
}

/** The function's name for its configuration (src/policy/config.rs). */
const CONFIG_FILE = "provisioner.toml";
/** Lambda's most for asynchronous events (Lambda API reference, PutFunctionEventInvokeConfig). */
const DIRECT = { maxEventAge: Duration.hours(6), retryAttempts: 2 };

/** The deployed function. */
export class ProvisionerFunction extends Construct {
  readonly function: Function;
  readonly logGroup: LogGroup;
  /** What the role may do; whatever needs these rights at once waits for it. */
  readonly policy: Policy;

  constructor(scope: Construct, id: string, props: ProvisionerFunctionProps) {
    super(scope, id);
    const { config, queues, schedules } = props;
    this.logGroup = new LogGroup(this, "Log", { retention: props.logRetention });
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      description: "Reads joins, creates Amazon Connect users, writes dead letters",
    });
    const statements = roleStatements(config, "function", {
      deadLetterQueueArn: queues.deadLetters.queueArn,
      sourceQueueArn: queues.source?.queueArn,
      queueKeyArn: props.queueKey.keyArn,
      secretKeyArn: props.secretKey?.keyArn,
      // CDK's own ARN of a log group stands for its streams, too.
      logGroupArn: Stack.of(this).formatArn({
        service: "logs",
        resource: "log-group",
        resourceName: this.logGroup.logGroupName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
      schedules: schedules && { groupName: schedules.group.scheduleGroupName, roleArn: schedules.role.roleArn },
    });
    this.policy = new Policy(this, "Calls", { roles: [role], statements });
    acknowledgeWildcards(this.policy, statements);
    if (props.tracing) {
      // The function adds its own statement (Service Authorization Reference, AWS X-Ray).
      Validations.of(role).acknowledge({
        id: "AwsSolutions-IAM5[Resource::*]",
        reason: "traces cannot be narrowed to a resource",
      });
    }
    this.function = new RustFunction(this, "Function", {
      manifestPath: join(CRATE, "Cargo.toml"),
      binaryName: "provisioner",
      runtime: "provided.al2023",
      architecture: props.architecture,
      description: "HR join events in, Amazon Connect users out",
      role,
      timeout: props.timeout,
      memorySize: props.memorySize,
      logGroup: this.logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: props.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      environment: {
        ...props.environment,
        PROVISIONER_DLQ_URL: queues.deadLetters.queueUrl,
        ...(queues.source ? { PROVISIONER_MAX_RECEIVE_COUNT: String(props.maxReceiveCount) } : {}),
        ...schedules?.environment,
      },
      // A queue bounds the copies by its mapping; EventBridge alone would start as many as there are events.
      ...(queues.source
        ? {}
        : {
            ...DIRECT,
            ...(props.reservedConcurrency ? { reservedConcurrentExecutions: config.concurrency } : {}),
            onFailure: { bind: () => ({ destination: queues.deadLetters.queueArn }) },
          }),
      bundling: {
        architecture: props.architecture,
        // Without the operator's command line.
        cargoLambdaFlags: ["--package", "connect-provisioner", "--locked"],
        commandHooks: {
          beforeBundling: () => [],
          afterBundling: (_, output) => copies(config, output),
        },
      },
    });
    this.function.node.addDependency(this.policy);
  }
}

// The configuration under the function's name for it, and its tables beside it.
function copies(config: ProvisionerConfig, output: string): string[] {
  const folder = dirname(config.file);
  const copy = (from: string, to: string) => `mkdir -p ${quoted(dirname(to))} && cp ${quoted(from)} ${quoted(to)}`;
  const tables = config.tables.map((table) => copy(join(folder, table), join(output, table)));
  return [copy(config.file, join(output, CONFIG_FILE)), ...tables];
}

// Why each wildcard in the role's policy cannot be narrower; one that is not known here asks its question at synthesis.
const WILDCARDS: readonly (readonly [RegExp, string])[] = [
  [/instance\/[^/]+\/agent\/\*$/, "users get their ids when they are created"],
  [
    /instance\/[^/]+\/(routing-profile|security-profile|agent-group)\/\*$/,
    "the configuration has names, and ids are looked up at run time",
  ],
  [
    /:secret:[^:]+-\?{6}$/,
    "Secrets Manager ends an ARN with six random characters, and a secret for each person has the person's id in its name",
  ],
  [/:log-group:<[^<>]+>:\*$/, "Lambda names the log streams"],
  [/:schedule\/[^/]+\/\*$/, "a schedule is named for the person whose join waits"],
];

function acknowledgeWildcards(policy: Policy, statements: PolicyStatement[]): void {
  const resources = statements.flatMap((statement) => statement.resources).map((arn) => spelled(policy, arn));
  for (const resource of new Set(resources.filter((arn) => /[*?]/.test(arn)))) {
    const known = WILDCARDS.find(([pattern]) => pattern.test(resource));
    if (!known) throw new Error(`the role's policy has a wildcard without a reason: ${resource}`);
    Validations.of(policy).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason: known[1] });
  }
}

// As cdk-nag spells an ARN: <AWS::Region>, <LogicalId.Arn>.
function spelled(scope: Construct, arn: string): string {
  const part = (token: unknown): string => {
    if (typeof token === "string") return token;
    const {
      Ref,
      "Fn::GetAtt": attribute,
      "Fn::Join": join,
    } = token as { Ref?: string; "Fn::GetAtt"?: string[]; "Fn::Join"?: [string, unknown[]] };
    if (join) return join[1].map(part).join(join[0]);
    return `<${Ref ?? attribute?.join(".")}>`;
  };
  return part(Stack.of(scope).resolve(arn));
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

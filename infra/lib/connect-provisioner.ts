// The construct: a configuration -> queues, function, role, way in, alarms and dashboard, each fitted to the others.

import { Annotations, Aws, Duration, RemovalPolicy } from "aws-cdk-lib";
import type { EventPattern, IEventBus } from "aws-cdk-lib/aws-events";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type IKey, Key } from "aws-cdk-lib/aws-kms";
import { Architecture, EventSourceMapping, type Function } from "aws-cdk-lib/aws-lambda";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { type ITopic, Topic } from "aws-cdk-lib/aws-sns";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

import { Alarms } from "./alarms.ts";
import { Claims } from "./claims.ts";
import { ProvisionerDashboard } from "./dashboard.ts";
import { Ingress } from "./ingress.ts";
import { ProvisionerFunction } from "./provisioner-function.ts";
import { type ProvisionerConfig, readConfig } from "./provisioner-config.ts";
import { Queues } from "./queues.ts";
import { Schedules } from "./schedules.ts";

/** How joins get to the function. */
export type Trigger =
  /** EventBridge -> SQS -> function, which bounds the rate and keeps joins while nothing can be done. */
  | "queue"
  /** The same with a FIFO queue: joins in their order. */
  | "fifo-queue"
  /** EventBridge -> function: one part less, and at most two further tries within six hours. */
  | "direct";

/** What decides a deployment; what the configuration says is not said again here. */
export interface ConnectProvisionerProps {
  /** The path of provisioner.toml. */
  readonly configFile: string;
  /** @default "queue" */
  readonly trigger?: Trigger;
  /** The bus that the HR system's events are on. @default - a bus of its own */
  readonly eventBus?: IEventBus;
  /** Which events of the bus are joins. @default - those with the detail type WorkerJoined or worker.joined */
  readonly eventPattern?: EventPattern;
  /** How long events are kept for a replay of whole days, personal data included; 0: no archive. @default - 30 days */
  readonly archiveRetention?: Duration;
  /** How long one invocation may take. @default - 60 seconds */
  readonly timeout?: Duration;
  /** In MiB. @default 256 */
  readonly memorySize?: number;
  /** @default - arm64 */
  readonly architecture?: Architecture;
  /** How often the queue delivers a join before SQS itself moves it: more often than the function needs to give it up. @default 500 */
  readonly maxReceiveCount?: number;
  /**
   * Whether the direct trigger reserves concurrency for the function, so that no more copies run than share the rate. Lambda keeps
   * at least 10 executions of the account unreserved, so an account with its initial quota of 10 can reserve none. @default true
   */
  readonly reservedConcurrency?: boolean;
  /** Encrypts queues and alarms; EventBridge and CloudWatch have to be allowed to use it. @default - a customer managed key of its own, rotated each year */
  readonly encryptionKey?: IKey;
  /** The customer managed key of the password's secret, if it has one. @default - AWS's own key for Secrets Manager */
  readonly secretKey?: IKey;
  /** How long the log is kept; it holds identifiers, no names. @default - 3 months */
  readonly logRetention?: RetentionDays;
  /** Whether AWS X-Ray traces invocations. @default false */
  readonly tracing?: boolean;
  /** Where alarms go. @default - a topic of its own, without subscribers */
  readonly alarmTopic?: ITopic;
  /** A join that waits longer sets off an alarm. @default - 1 hour */
  readonly longestWait?: Duration;
  /** What becomes of dead letters, of joins that wait for their date, of claims, and of their key with the stack. @default - they are kept */
  readonly removalPolicy?: RemovalPolicy;
  /** Further environment variables of the function, such as RUST_LOG. @default - none */
  readonly environment?: Readonly<Record<string, string>>;
}

/** SQS's most for a batch without a batching window (Lambda API reference, CreateEventSourceMapping, BatchSize). */
const LARGEST_BATCH = 10;
/** Lambda's least maximum concurrency of a queue (Lambda API reference, ScalingConfig). */
const LEAST_CONCURRENCY = 2;

const OWN_ACCOUNT = { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } };
const SOURCES = { queue: "standard", "fifo-queue": "fifo", direct: "none" } as const;

/** Turns HR join events into Amazon Connect users. */
export class ConnectProvisioner extends Construct {
  readonly config: ProvisionerConfig;
  readonly function: Function;
  readonly queues: Queues;
  /** Where the configuration lets joins wait. */
  readonly schedules?: Schedules;
  /** Where the configuration pins usernames. */
  readonly claims?: Claims;
  readonly eventBus: IEventBus;
  readonly alarmTopic: ITopic;

  constructor(scope: Construct, id: string, props: ConnectProvisionerProps) {
    super(scope, id);
    const { trigger = "queue", timeout = Duration.seconds(60), maxReceiveCount = 500 } = props;
    const { removalPolicy = RemovalPolicy.RETAIN, archiveRetention = Duration.days(30) } = props;
    if (!(trigger in SOURCES)) {
      throw new Error(`the trigger is ${String(trigger)}; it may be ${Object.keys(SOURCES).join(", ")}`);
    }
    this.config = readConfig(props.configFile);
    const encryptionKey = props.encryptionKey ?? this.newKey(removalPolicy);
    this.queues = new Queues(this, "Queues", {
      config: this.config,
      encryptionKey,
      source: SOURCES[trigger],
      functionTimeout: timeout,
      maxReceiveCount,
      removalPolicy,
    });
    if (this.config.schedules) {
      this.schedules = new Schedules(this, "Schedules", {
        config: this.config,
        source: sourceOf(this.queues, this.config),
        undelivered: this.queues.undelivered,
        queueKey: encryptionKey,
        removalPolicy,
      });
    }
    if (this.config.claimsTable !== undefined) {
      this.claims = new Claims(this, "Claims", { tableName: this.config.claimsTable, removalPolicy });
    }
    const provisioner = new ProvisionerFunction(this, "Provisioner", {
      config: this.config,
      queues: this.queues,
      schedules: this.schedules,
      queueKey: encryptionKey,
      secretKey: props.secretKey,
      architecture: props.architecture ?? Architecture.ARM_64,
      timeout,
      memorySize: props.memorySize ?? 256,
      maxReceiveCount,
      reservedConcurrency: this.reservedConcurrency(trigger, props.reservedConcurrency ?? true),
      logRetention: props.logRetention ?? RetentionDays.THREE_MONTHS,
      tracing: props.tracing ?? false,
      environment: props.environment ?? {},
    });
    this.function = provisioner.function;
    if (this.claims) this.function.node.addDependency(this.claims);
    if (this.queues.source) {
      const mapping = new EventSourceMapping(this, "Mapping", {
        target: this.function,
        eventSourceArn: this.queues.source.queueArn,
        batchSize: batchSize(this.config, timeout),
        maxConcurrency: mappingConcurrency(this.config),
        reportBatchItemFailures: true,
      });
      // Lambda looks at once whether the role may receive.
      mapping.node.addDependency(provisioner.policy);
    }
    const ingress = new Ingress(this, "Ingress", {
      eventBus: props.eventBus,
      eventPattern: props.eventPattern ?? { detailType: ["WorkerJoined", "worker.joined"] },
      archiveRetention: archiveRetention.toSeconds() > 0 ? archiveRetention : undefined,
      source: this.queues.source,
      function: this.function,
      undelivered: this.queues.undelivered,
    });
    this.eventBus = ingress.eventBus;
    this.alarmTopic = props.alarmTopic ?? this.newTopic(encryptionKey);
    const alarms = new Alarms(this, "Alarms", {
      function: this.function,
      concurrency: this.config.concurrency,
      queues: this.queues,
      schedules: this.schedules,
      retry: this.config.retry,
      longestWait: props.longestWait ?? Duration.hours(1),
      topic: this.alarmTopic,
    });
    new ProvisionerDashboard(this, "Overview", {
      function: this.function,
      logGroup: provisioner.logGroup,
      queues: this.queues,
      schedules: this.schedules,
      alarms: alarms.all,
    });
  }

  private reservedConcurrency(trigger: Trigger, isWanted: boolean): boolean {
    if (trigger !== "direct") return false;
    const copies = this.config.concurrency;
    if (isWanted) {
      Annotations.of(this).addInfo(
        `the direct trigger reserves ${copies} of the account's concurrent executions of Lambda. If the deployment answers that this ` +
          'decreases UnreservedConcurrentExecution "below its minimum value", ask for a higher quota (Service Quotas, Lambda, ' +
          "Concurrent executions), or deploy without a reservation (-c reservedConcurrency=false), or with a queue",
      );
    } else {
      Annotations.of(this).addWarningV2(
        "connect-provisioner:noReservation",
        `without a reservation more copies than ${copies} may run at once; each takes 1/${copies} of the rate, so Amazon Connect may ` +
          "throttle them, and Lambda then tries an event twice more at most. A queue bounds the copies without a reservation",
      );
    }
    return isWanted;
  }

  private newTopic(masterKey: IKey): Topic {
    const topic = new Topic(this, "AlarmTopic", { masterKey, enforceSSL: true });
    // A topic with a policy of its own no longer has the default one, which lets the account's alarms publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [topic.topicArn],
        conditions: OWN_ACCOUNT,
      }),
    );
    return topic;
  }

  private newKey(removalPolicy: RemovalPolicy): Key {
    const key = new Key(this, "Key", {
      enableKeyRotation: true,
      removalPolicy,
      description: "HR joins and dead letters of the Amazon Connect provisioner",
    });
    // Who writes to an encrypted queue or topic needs the key (Amazon SQS Developer Guide, "Key management").
    const writers = ["events.amazonaws.com", "cloudwatch.amazonaws.com"].map(
      (service) => new ServicePrincipal(service),
    );
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: writers,
        actions: ["kms:Decrypt", "kms:GenerateDataKey"],
        resources: ["*"],
        conditions: OWN_ACCOUNT,
      }),
    );
    return key;
  }
}

/** So many joins that a copy of the function, at its share of the rate, is through in half of its time. */
export function batchSize(config: ProvisionerConfig, timeout: Duration): number {
  const share = config.requestsPerSecond / config.concurrency;
  return Math.max(1, Math.min(LARGEST_BATCH, Math.floor((share * timeout.toSeconds()) / 2)));
}

function sourceOf(queues: Queues, config: ProvisionerConfig): Queue {
  if (!queues.source) {
    throw new Error(
      `${config.file}: a [schedule] puts joins back on a queue, which the direct trigger does not have: leave one of them out`,
    );
  }
  return queues.source;
}

function mappingConcurrency(config: ProvisionerConfig): number {
  if (config.concurrency < LEAST_CONCURRENCY) {
    throw new Error(
      `${config.file}: [connect] concurrency is ${config.concurrency}, and Lambda's least maximum concurrency of a queue is ` +
        `${LEAST_CONCURRENCY}: set concurrency = ${LEAST_CONCURRENCY}, of which each copy takes its part of the rate, or use the direct trigger`,
    );
  }
  return config.concurrency;
}

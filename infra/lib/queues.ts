// The source queue and the dead-letter queues, encrypted, over TLS only, and so set up that nothing is lost between them.

import { Duration, type RemovalPolicy, Validations } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Queue, QueueEncryption, type QueueProps } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

import type { ProvisionerConfig, Retry } from "./provisioner-config.ts";

/** What decides how the queues are. */
export interface QueuesProps {
  readonly config: ProvisionerConfig;
  readonly encryptionKey: IKey;
  /** Whether there is a source queue, and of which kind. */
  readonly source: "standard" | "fifo" | "none";
  readonly functionTimeout: Duration;
  readonly maxReceiveCount: number;
  /** What becomes of the dead letters with the stack. */
  readonly removalPolicy: RemovalPolicy;
}

/** The longest that SQS keeps a message (SetQueueAttributes, MessageRetentionPeriod). */
export const LONGEST_RETENTION = Duration.days(14);
/** Joins wait so long at most, so that a dead letter's 14 days, which count from the first sending, are never used up. */
const SOURCE_RETENTION = Duration.days(4);
/** Amazon SQS Developer Guide, "Using dead-letter queues": the largest maxReceiveCount. */
const MOST_RECEIVES = 1000;
/** AWS Lambda Developer Guide, "Creating and configuring an Amazon SQS event source mapping". */
const VISIBILITY_FACTOR = 6;

/** The queues of a deployment. */
export class Queues extends Construct {
  /** What failed, and why. */
  readonly deadLetters: Queue;
  /** What EventBridge could not deliver: the same queue, but where that one is FIFO, which EventBridge does not take. */
  readonly undelivered: Queue;
  /** Where joins wait. */
  readonly source?: Queue;
  /** How long joins wait for a function that does not run, before SQS moves them without a cause. */
  readonly waitsForFunction?: Duration;

  constructor(scope: Construct, id: string, props: QueuesProps) {
    super(scope, id);
    const fifo = props.source === "fifo";
    const common: QueueProps = {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: props.encryptionKey,
      dataKeyReuse: Duration.hours(1),
      enforceSSL: true,
    };
    const letters: QueueProps = { ...common, retentionPeriod: LONGEST_RETENTION, removalPolicy: props.removalPolicy };
    const ordered: QueueProps = fifo ? { fifo: true } : {};

    this.deadLetters = new Queue(this, "DeadLetters", {
      ...letters,
      ...ordered,
      queueName: named(props.config.deadLetterQueue, fifo),
    });
    this.undelivered = fifo ? new Queue(this, "Undelivered", letters) : this.deadLetters;
    for (const queue of new Set([this.deadLetters, this.undelivered])) {
      Validations.of(queue).acknowledge({
        id: "AwsSolutions-SQS3",
        reason: "it is a dead-letter queue, EventBridge's or Lambda's",
      });
    }
    if (props.source === "none") return;

    checkDeliveries(props.config, props.maxReceiveCount);
    checkRetention(props.config, props.maxReceiveCount);
    const visibilityTimeout = Duration.seconds(props.functionTimeout.toSeconds() * VISIBILITY_FACTOR);
    const deliveries = visibilityTimeout.toSeconds() * props.maxReceiveCount;
    this.waitsForFunction = Duration.seconds(Math.min(deliveries, SOURCE_RETENTION.toSeconds()));
    this.source = new Queue(this, "Joins", {
      ...common,
      ...(fifo ? { fifo: true, contentBasedDeduplication: true } : {}),
      queueName: named(props.config.sourceQueue, fifo),
      retentionPeriod: SOURCE_RETENTION,
      visibilityTimeout,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: props.maxReceiveCount },
    });
  }
}

// The function gives a message up with its cause; SQS moves messages without one, so that must come later.
function checkDeliveries({ file, retry }: ProvisionerConfig, maxReceiveCount: number): void {
  const needed = `the function gives a message up after as many as ${retry.deliveriesNeeded} deliveries`;
  if (retry.deliveriesNeeded >= MOST_RECEIVES) {
    throw new Error(
      `${file}: ${needed}, and SQS takes ${MOST_RECEIVES} as the largest maxReceiveCount: raise [retry] longest_seconds, or ` +
        "lower systemic_give_up_after_seconds",
    );
  }
  if (maxReceiveCount <= retry.deliveriesNeeded || maxReceiveCount > MOST_RECEIVES) {
    throw new Error(
      `${file}: ${needed}, and maxReceiveCount is ${maxReceiveCount}: set maxReceiveCount to ${retry.deliveriesNeeded + 1} or ` +
        `more, ${MOST_RECEIVES} at the most, or raise [retry] longest_seconds`,
    );
  }
}

// As RetryPolicy::retention_needed (src/policy/retry.rs), which `provisionctl check --live` asks of the deployed queue.
function checkRetention({ file, retry }: ProvisionerConfig, maxReceiveCount: number): void {
  const waits = longestLife(retry) + retry.longestWait + retry.firstWait * maxReceiveCount;
  if (waits > SOURCE_RETENTION.toSeconds()) {
    throw new Error(
      `${file}: joins may wait ${waits} s, and the source queue keeps them ${SOURCE_RETENTION.toHumanString()}, which is ` +
        `${SOURCE_RETENTION.toSeconds()} s: lower [retry] systemic_give_up_after_seconds, longest_seconds or first_seconds`,
    );
  }
}

/** The age, in seconds, at which any message is given up. */
function longestLife(retry: Retry): number {
  return Math.max(retry.giveUp, retry.systemicGiveUp);
}

function named(name: string | undefined, fifo: boolean): string | undefined {
  if (name !== undefined && name.endsWith(".fifo") !== fifo) {
    const rule = fifo ? "has to end in .fifo" : "must not end in .fifo";
    throw new Error(
      `[queues] in provisioner.toml: the name ${name} ${rule}, as the deployment's queues are ${fifo ? "" : "not "}FIFO`,
    );
  }
  return name;
}

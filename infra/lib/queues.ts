// The source queue and the dead-letter queues, encrypted, over TLS only, and so set up that nothing is lost between them.

import { Duration, type RemovalPolicy, Validations } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Queue, QueueEncryption, type QueueProps } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

import type { ProvisionerConfig } from "./provisioner-config.ts";

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

    const waits = Duration.seconds(props.config.longestWaitSeconds * props.maxReceiveCount);
    if (waits.toSeconds() > SOURCE_RETENTION.toSeconds()) {
      throw new Error(
        `maxReceiveCount ${props.maxReceiveCount} times the longest wait of ${props.config.longestWaitSeconds} s is longer than ` +
          `the ${SOURCE_RETENTION.toHumanString()} that the source queue keeps a message: lower one of them`,
      );
    }
    this.source = new Queue(this, "Joins", {
      ...common,
      ...(fifo ? { fifo: true, contentBasedDeduplication: true } : {}),
      queueName: named(props.config.sourceQueue, fifo),
      retentionPeriod: SOURCE_RETENTION,
      visibilityTimeout: Duration.seconds(props.functionTimeout.toSeconds() * VISIBILITY_FACTOR),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: props.maxReceiveCount },
    });
  }
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

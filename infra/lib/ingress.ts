// Events of the HR system -> the source queue, or straight to the function: bus, rule and archive.

import { Duration } from "aws-cdk-lib";
import { Archive, EventBus, type EventPattern, type IEventBus, type IRuleTarget, Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction, SqsQueue } from "aws-cdk-lib/aws-events-targets";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

/** What decides which events come in, and where they go. */
export interface IngressProps {
  /** The bus; one is made where none is given. */
  readonly eventBus?: IEventBus;
  readonly eventPattern: EventPattern;
  /** How long the archive keeps events for a replay of whole days; absent: no archive. */
  readonly archiveRetention?: Duration;
  /** Where events go: to the queue, or without one to the function. */
  readonly source?: Queue;
  readonly function: IFunction;
  readonly undelivered: Queue;
}

/** EventBridge tries so long to deliver an event: its longest (EventBridge API reference, RetryPolicy). */
const MAX_EVENT_AGE = Duration.hours(24);
const RETRY_ATTEMPTS = 185;
/** EventBridge gives all events of a rule one message group; order among them is kept. */
const MESSAGE_GROUP = "joins";

/** The way in. */
export class Ingress extends Construct {
  readonly eventBus: IEventBus;

  constructor(scope: Construct, id: string, props: IngressProps) {
    super(scope, id);
    this.eventBus = props.eventBus ?? new EventBus(this, "Bus");
    new Rule(this, "Rule", {
      eventBus: this.eventBus,
      eventPattern: props.eventPattern,
      description: "HR join events, for the Amazon Connect provisioner",
      targets: [target(props)],
    });
    if (props.archiveRetention) {
      new Archive(this, "Archive", {
        sourceEventBus: this.eventBus,
        eventPattern: props.eventPattern,
        retention: props.archiveRetention,
        description: "HR join events, to be replayed by the day",
      });
    }
  }
}

function target(props: IngressProps): IRuleTarget {
  const delivery = { deadLetterQueue: props.undelivered, maxEventAge: MAX_EVENT_AGE, retryAttempts: RETRY_ATTEMPTS };
  if (!props.source) return new LambdaFunction(props.function, delivery);
  return new SqsQueue(props.source, { ...delivery, ...(props.source.fifo ? { messageGroupId: MESSAGE_GROUP } : {}) });
}

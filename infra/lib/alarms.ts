// What somebody has to know at night -> alarms, and the topic that they go to.

import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";

import { ownMetric } from "./metrics.ts";
import type { Retry } from "./provisioner-config.ts";
import type { Queues } from "./queues.ts";
import type { Schedules } from "./schedules.ts";

/** What is watched. */
export interface AlarmsProps {
  readonly function: IFunction;
  readonly concurrency: number;
  readonly queues: Queues;
  readonly schedules?: Schedules;
  readonly retry: Retry;
  /** A join that waits longer is reported. */
  readonly longestWait: Duration;
  readonly topic: ITopic;
}

const OFTEN = Duration.minutes(1);
const ONCE: Evaluation = { periods: 1 };

/** How many periods of a metric are looked at, and how many of them set the alarm off; all, where that is not said. */
interface Evaluation {
  readonly periods: number;
  readonly datapoints?: number;
}

/** The alarms of a deployment; each says in its description what to do. */
export class Alarms extends Construct {
  readonly all: Alarm[] = [];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { queues, retry, function: fn, topic } = props;
    const texts = queues.source ? queued(queues, retry) : DIRECT;
    const add = (
      name: string,
      metric: IMetric,
      threshold: number,
      alarmDescription: string,
      evaluation = ONCE,
    ): void => {
      const alarm = new Alarm(this, name, {
        metric,
        threshold,
        alarmDescription,
        evaluationPeriods: evaluation.periods,
        datapointsToAlarm: evaluation.datapoints,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
      this.all.push(alarm);
    };
    const sum = { period: OFTEN, statistic: "Sum" };
    const visible = { period: OFTEN, statistic: "Maximum" };

    const look = "Joins failed: provisionctl dlq list says which and why, provisionctl dlq replay sends them back.";
    add("DeadLetters", queues.deadLetters.metricApproximateNumberOfMessagesVisible(visible), 1, look);
    if (queues.undelivered !== queues.deadLetters) {
      const undelivered = queues.undelivered.metricApproximateNumberOfMessagesVisible(visible);
      add(
        "Undelivered",
        undelivered,
        1,
        "EventBridge could not deliver events: provisionctl dlq list --queue-url of this queue.",
      );
    }
    if (queues.source) {
      const age = queues.source.metricApproximateAgeOfOldestMessage(visible);
      // SQS leaves out what was received three times or more (Amazon SQS Developer Guide, "Available CloudWatch metrics").
      const waits =
        `A join waits longer than ${props.longestWait.toHumanString()} for its first deliveries: joins come in faster than ` +
        "they are served, or the function does not run; see provisionctl watch and the function's log.";
      add("OldestJoin", age, props.longestWait.toSeconds(), `${waits} ${texts.transient}`);
    } else {
      const dropped = new Metric({
        namespace: "AWS/Lambda",
        metricName: "DestinationDeliveryFailures",
        dimensionsMap: { FunctionName: fn.functionName },
        ...sum,
      });
      add(
        "DestinationFailures",
        dropped,
        1,
        "Lambda could not write a failed join to the dead-letter queue: fix the role or the key, then send the event again.",
      );
    }
    if (props.schedules) {
      add(
        "SchedulesLost",
        props.schedules.group.metricFailedToBeSentToDLQ(undefined, sum),
        1,
        "A join that waited for its date reached neither its queue nor the dead-letter queue: fix the schedules' role or the key, then send the event again.",
      );
    }
    add(
      "SystemicStop",
      ownMetric(fn, "SystemicStop", sum),
      1,
      `Joins of an instance or a secret are not served until a person fixes it: access, instance, quota of users or the shared secret; provisionctl check --live says what is wrong. ${texts.systemic}`,
      queues.source ? untilTriedAgain(retry) : ONCE,
    );
    add("Errors", fn.metricErrors(sum), 1, `The function failed as a whole: see its log. ${texts.errors}`);
    add(
      "Throttles",
      fn.metricThrottles(sum),
      1,
      "Lambda throttles the function: the account's concurrency is used up, or another trigger was added.",
      { periods: 5 },
    );
    add(
      "Concurrency",
      fn.metric("ConcurrentExecutions", { period: Duration.minutes(5), statistic: "Maximum" }),
      props.concurrency,
      "All copies have been busy for 30 minutes: joins come in faster than the quota of Amazon Connect lets them through.",
      { periods: 6 },
    );
  }
}

/** How long joins wait, by what fails. */
interface Texts {
  readonly transient: string;
  readonly systemic: string;
  readonly errors: string;
}

const TWICE_MORE = "Lambda tries the event twice more, then puts it on the dead-letter queue without the cause.";
const DIRECT: Texts = { transient: TWICE_MORE, systemic: TWICE_MORE, errors: TWICE_MORE };

function queued({ waitsForFunction }: Queues, retry: Retry): Texts {
  const spelled = (seconds: number): string => Duration.seconds(seconds).toHumanString();
  const transient =
    `A join that fails for a cause that may pass is tried for ${spelled(retry.giveUp)} and ${retry.giveUpDeliveries} ` +
    "deliveries; then it becomes a dead letter with the cause.";
  return {
    transient,
    systemic:
      `These joins wait in the queue for up to ${spelled(retry.systemicGiveUp)}; then they become dead letters with the ` +
      "cause, which provisionctl dlq replay sends back.",
    errors:
      `${transient} While the function does not start, joins wait for up to ${waitsForFunction?.toHumanString()}; then SQS ` +
      "moves them to the dead-letter queue without a cause.",
  };
}

// A stop is met once in the longest wait; an alarm that looked at less would end between two of them.
function untilTriedAgain(retry: Retry): Evaluation {
  return { periods: Math.max(1, Math.ceil(retry.longestWait / OFTEN.toSeconds())), datapoints: 1 };
}

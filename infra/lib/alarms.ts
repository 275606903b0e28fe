// What somebody has to know at night -> alarms, and the topic that they go to.

import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";

import { ownMetric } from "./metrics.ts";
import type { Queues } from "./queues.ts";
import type { Schedules } from "./schedules.ts";

/** What is watched. */
export interface AlarmsProps {
  readonly function: IFunction;
  readonly concurrency: number;
  readonly queues: Queues;
  readonly schedules?: Schedules;
  /** A join that waits longer is reported. */
  readonly longestWait: Duration;
  readonly topic: ITopic;
}

const OFTEN = Duration.minutes(1);

/** The alarms of a deployment; each says in its description what to do. */
export class Alarms extends Construct {
  readonly all: Alarm[] = [];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { queues, function: fn, topic } = props;
    const add = (name: string, metric: IMetric, threshold: number, alarmDescription: string, periods = 1): void => {
      const alarm = new Alarm(this, name, {
        metric,
        threshold,
        alarmDescription,
        evaluationPeriods: periods,
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
      const waits = `A join waits longer than ${props.longestWait.toHumanString()}: see the function's log for what it retries.`;
      add("OldestJoin", age, props.longestWait.toSeconds(), waits);
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
        "Lambda could not write a failed join to the dead-letter queue: mend the role or the key, then send the event again.",
      );
    }
    if (props.schedules) {
      add(
        "SchedulesLost",
        props.schedules.group.metricFailedToBeSentToDLQ(undefined, sum),
        1,
        "A join that waited for its date reached neither its queue nor the dead-letter queue: mend the schedules' role or the key, then send the event again.",
      );
    }
    add(
      "SystemicStop",
      ownMetric(fn, "SystemicStop", sum),
      1,
      "Nothing is served until a person mends it: access, instance, quota of users or the shared secret. Joins wait in the queue; provisionctl check --live says what is wrong.",
    );
    add("Errors", fn.metricErrors(sum), 1, "The function failed as a whole: see its log. Joins wait in the queue.");
    add(
      "Throttles",
      fn.metricThrottles(sum),
      1,
      "Lambda throttles the function: the account's concurrency is used up, or another trigger was added.",
      5,
    );
    add(
      "Concurrency",
      fn.metric("ConcurrentExecutions", { period: Duration.minutes(5), statistic: "Maximum" }),
      props.concurrency,
      "All copies have been busy for 30 minutes: joins come in faster than the quota of Amazon Connect lets them through.",
      6,
    );
  }
}

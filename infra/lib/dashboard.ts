// Metrics and log -> one page: are joins being served, how fast, what fails and why.

import { Duration } from "aws-cdk-lib";
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  Row,
  SingleValueWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

import { NAMESPACE, ownMetric } from "./metrics.ts";
import type { Queues } from "./queues.ts";
import type { Schedules } from "./schedules.ts";

/** What is shown. */
export interface ProvisionerDashboardProps {
  readonly function: IFunction;
  readonly logGroup: ILogGroup;
  readonly queues: Queues;
  readonly schedules?: Schedules;
  readonly alarms: Alarm[];
}

const OUTCOMES = ["Created", "AlreadyExists", "Adopted", "Skipped", "DeadLettered", "Retry"];
/** A message of many people becomes several; only a queue takes them. */
const OF_A_QUEUE = ["Split"];
const WIDTH = 24;

/** The dashboard of a deployment. */
export class ProvisionerDashboard extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: ProvisionerDashboardProps) {
    super(scope, id);
    const { function: fn, queues } = props;
    const each = { period: Duration.minutes(5) };
    const sum = { ...each, statistic: "Sum" };
    const names = [...OUTCOMES, ...(queues.source ? OF_A_QUEUE : []), ...(props.schedules ? ["Scheduled"] : [])];
    const outcomes = names.map((name) => ownMetric(fn, name, { ...sum, label: name }));
    const reasons = new MathExpression({
      expression: `SEARCH('{${NAMESPACE},FunctionName,Reason} FunctionName="${fn.functionName}" MetricName="Failures"', 'Sum', 300)`,
      label: "",
      usingMetrics: {},
    });
    const depths: IMetric[] = [
      queues.deadLetters.metricApproximateNumberOfMessagesVisible({ ...each, label: "dead letters" }),
    ];
    const ages: IMetric[] = [];
    if (queues.source) {
      depths.push(queues.source.metricApproximateNumberOfMessagesVisible({ ...each, label: "joins waiting" }));
      depths.push(
        queues.source.metricApproximateNumberOfMessagesNotVisible({ ...each, label: "joins in hand or backing off" }),
      );
      ages.push(queues.source.metricApproximateAgeOfOldestMessage({ ...each, label: "oldest join" }));
    }
    const durations = ["p50", "p99", "Maximum"].map((statistic) =>
      fn.metricDuration({ ...each, statistic, label: statistic }),
    );
    const graph = (title: string, left: IMetric[], width = WIDTH / 3): GraphWidget =>
      new GraphWidget({ title, left, width, liveData: true });

    this.dashboard = new Dashboard(this, "Dashboard", { defaultInterval: Duration.hours(12) });
    this.dashboard.addWidgets(
      new Row(
        new AlarmStatusWidget({ title: "Alarms", alarms: props.alarms, width: WIDTH / 2 }),
        new SingleValueWidget({ title: "Outcomes", metrics: outcomes, setPeriodToTimeRange: true, width: WIDTH / 2 }),
      ),
      new Row(
        new GraphWidget({ title: "Joins by outcome", left: outcomes, stacked: true, width: WIDTH / 2 }),
        graph("Failures by reason", [reasons], WIDTH / 2),
      ),
      new Row(
        graph("Queues", depths),
        graph("Age of the oldest join (s)", ages),
        graph("Duration of an invocation (ms)", durations),
      ),
      new Row(
        graph("Invocations, errors, throttles", [
          fn.metricInvocations(sum),
          fn.metricErrors(sum),
          fn.metricThrottles(sum),
        ]),
        graph("Copies at work", [fn.metric("ConcurrentExecutions", { ...each, statistic: "Maximum" })]),
        graph("Systemic stops, dropped fields", [
          ownMetric(fn, "SystemicStop", sum),
          ownMetric(fn, "DroppedFields", sum),
        ]),
      ),
      new LogQueryWidget({
        title: "The last failures",
        logGroupNames: [props.logGroup.logGroupName],
        view: LogQueryVisualizationType.TABLE,
        width: WIDTH,
        queryLines: [
          "fields @timestamp, outcome, reason, event_key, message_id",
          'filter outcome in ["dead_lettered", "retry"]',
          "sort @timestamp desc",
          "limit 50",
        ],
      }),
    );
  }
}

// The function's own metrics, which it writes in CloudWatch's embedded metric format (src/invocation/metrics.rs).

import { Metric, type MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";

export const NAMESPACE = "ConnectProvisioner";

/** A metric of one deployed function. */
export function ownMetric(fn: IFunction, metricName: string, options?: MetricOptions): Metric {
  return new Metric({ namespace: NAMESPACE, metricName, dimensionsMap: { FunctionName: fn.functionName }, ...options });
}

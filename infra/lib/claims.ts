// [claims] -> the table in which each person's username is pinned before it is asked for.

import type { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table } from "aws-cdk-lib/aws-dynamodb";
import { Construct } from "constructs";

/** What decides how claims are kept. */
export interface ClaimsProps {
  readonly tableName: string;
  /** What becomes of the claims with the stack or with [claims]. */
  readonly removalPolicy: RemovalPolicy;
}

/** What [claims] needs. */
export class Claims extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: ClaimsProps) {
    super(scope, id);
    this.table = new Table(this, "Table", {
      tableName: props.tableName,
      partitionKey: { name: "claim", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // The counts of users made in an hour have it, claims never.
      timeToLiveAttribute: "expires_at",
      removalPolicy: props.removalPolicy,
    });
  }
}

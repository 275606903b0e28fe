// The small stack around the construct, with what an operator needs to know as its outputs.

import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import { EventBus } from "aws-cdk-lib/aws-events";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Construct } from "constructs";

import { ConnectProvisioner, type ConnectProvisionerProps } from "./connect-provisioner.ts";

export interface ProvisionerStackProps extends StackProps, ConnectProvisionerProps {
  /** The name of an existing bus in the stack's account and Region. */
  readonly eventBusName?: string;
  /** An address that is told of alarms. */
  readonly alarmEmail?: string;
}

export class ProvisionerStack extends Stack {
  readonly provisioner: ConnectProvisioner;

  constructor(scope: Construct, id: string, props: ProvisionerStackProps) {
    super(scope, id, { description: "HR join events in, Amazon Connect users out", ...props });
    const existing = props.eventBusName
      ? EventBus.fromEventBusName(this, "ExistingBus", props.eventBusName)
      : undefined;
    this.provisioner = new ConnectProvisioner(this, "ConnectProvisioner", {
      ...props,
      eventBus: props.eventBus ?? existing,
    });
    const { queues, eventBus, alarmTopic } = this.provisioner;
    if (props.alarmEmail) alarmTopic.addSubscription(new EmailSubscription(props.alarmEmail));
    const outputs: Record<string, string | undefined> = {
      EventBusName: eventBus.eventBusName,
      FunctionName: this.provisioner.function.functionName,
      SourceQueueUrl: queues.source?.queueUrl,
      DeadLetterQueueUrl: queues.deadLetters.queueUrl,
      AlarmTopicArn: alarmTopic.topicArn,
    };
    for (const [name, value] of Object.entries(outputs)) {
      if (value !== undefined) new CfnOutput(this, name, { value });
    }
  }
}

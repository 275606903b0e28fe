// `cdk deploy`: the stack, with what the command line says in `-c` options.

import { fileURLToPath } from "node:url";

import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";

import type { Trigger } from "../lib/connect-provisioner.ts";
import { ProvisionerStack } from "../lib/provisioner-stack.ts";

const app = new App();
const option = (name: string): string | undefined => app.node.tryGetContext(name) as string | undefined;
const detailTypes = option("detailTypes")?.split(",");
new ProvisionerStack(app, option("stackName") ?? "ConnectProvisioner", {
  env: { account: process.env["CDK_DEFAULT_ACCOUNT"], region: process.env["CDK_DEFAULT_REGION"] },
  configFile: option("config") ?? fileURLToPath(new URL("../../provisioner.toml", import.meta.url)),
  eventBusName: option("eventBus"),
  eventPattern: detailTypes ? { detailType: detailTypes } : undefined,
  trigger: option("trigger") as Trigger | undefined,
  alarmEmail: option("alarmEmail"),
  tracing: option("tracing") === "true",
  reservedConcurrency: option("reservedConcurrency") !== "false",
});
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));

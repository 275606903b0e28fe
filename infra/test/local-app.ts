// The very stack of bin/app.ts for a local AWS: the machine's architecture, and Connect somewhere else.

import { App, Duration } from "aws-cdk-lib";
import { Architecture } from "aws-cdk-lib/aws-lambda";

import { ProvisionerStack } from "../lib/provisioner-stack.ts";

const needed = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`set ${name}`);
  return value;
};

const connect = needed("CONNECT_ENDPOINT_URL");
new ProvisionerStack(new App(), "ConnectProvisioner", {
  env: { account: process.env["CDK_DEFAULT_ACCOUNT"], region: process.env["CDK_DEFAULT_REGION"] },
  configFile: needed("PROVISIONER_CONFIG"),
  // MiniStack has no archives.
  archiveRetention: Duration.days(0),
  architecture: process.arch === "arm64" ? Architecture.ARM_64 : Architecture.X86_64,
  environment: { AWS_ENDPOINT_URL_CONNECT: connect },
});

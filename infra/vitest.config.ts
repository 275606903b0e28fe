import { defineConfig } from "vitest/config";

// Loading aws-cdk-lib and running provisionctl take their seconds on a small machine.
export default defineConfig({ test: { testTimeout: 120_000, hookTimeout: 120_000 } });

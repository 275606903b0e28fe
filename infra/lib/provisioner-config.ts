// provisioner.toml -> what of it decides how the function is deployed, once `provisionctl check` calls it valid.

import { resolve } from "node:path";

import { provisionctl } from "./provisionctl.ts";

/** What the configuration says about a deployment, defaults filled in. */
export interface ProvisionerConfig {
  /** The file, as an absolute path. */
  readonly file: string;
  /** The tables that are files of their own, by their paths from the configuration's folder. */
  readonly tables: readonly string[];
  /** The account's quota for each operation of Amazon Connect. */
  readonly requestsPerSecond: number;
  /** How many copies of the function share that quota. */
  readonly concurrency: number;
  /** Whether joins that are dated ahead wait. */
  readonly schedules: boolean;
  /** The longest wait between two deliveries of a message, in seconds. */
  readonly longestWaitSeconds: number;
  /** The queues' names, where `[queues]` says them. */
  readonly sourceQueue?: string;
  readonly deadLetterQueue?: string;
}

/**
 * Reads a configuration.
 *
 * @throws with each fault and its line, where the file is not valid
 */
export function readConfig(path: string): ProvisionerConfig {
  const file = resolve(path);
  const found = JSON.parse(provisionctl("check", "--json", "--config", file)) as {
    files: string[];
    requests_per_second: number;
    concurrency: number;
    schedules: boolean;
    longest_wait_seconds: number;
    source_queue: string | null;
    dead_letter_queue: string | null;
  };
  return {
    file,
    tables: found.files,
    requestsPerSecond: found.requests_per_second,
    concurrency: found.concurrency,
    schedules: found.schedules,
    longestWaitSeconds: found.longest_wait_seconds,
    sourceQueue: found.source_queue ?? undefined,
    deadLetterQueue: found.dead_letter_queue ?? undefined,
  };
}

// provisioner.toml -> what of it decides how the function is deployed, once `provisionctl check` calls it valid.

import { resolve } from "node:path";

import { provisionctl } from "./provisionctl.ts";

/** How long the function tries a message before it gives the message up; durations in seconds. */
export interface Retry {
  /** The longest wait after the first delivery. */
  readonly firstWait: number;
  /** The longest wait between two deliveries. */
  readonly longestWait: number;
  /** A failure that may pass is given up after this many deliveries at the earliest. */
  readonly giveUpDeliveries: number;
  /** A failure that may pass is given up when its message is this old. */
  readonly giveUp: number;
  /** A failure that only a person can end is given up when its message is this old. */
  readonly systemicGiveUp: number;
  /** The most deliveries of a message before it is given up. */
  readonly deliveriesNeeded: number;
}

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
  /** The table of claims, where `[claims]` names one. */
  readonly claimsTable?: string;
  /** How long the function tries a message that fails. */
  readonly retry: Retry;
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
    claims_table: string | null;
    first_wait_seconds: number;
    longest_wait_seconds: number;
    give_up_deliveries: number;
    give_up_seconds: number;
    systemic_give_up_seconds: number;
    deliveries_needed: number;
    source_queue: string | null;
    dead_letter_queue: string | null;
  };
  return {
    file,
    tables: found.files,
    requestsPerSecond: found.requests_per_second,
    concurrency: found.concurrency,
    schedules: found.schedules,
    claimsTable: found.claims_table ?? undefined,
    retry: {
      firstWait: found.first_wait_seconds,
      longestWait: found.longest_wait_seconds,
      giveUpDeliveries: found.give_up_deliveries,
      giveUp: found.give_up_seconds,
      systemicGiveUp: found.systemic_give_up_seconds,
      deliveriesNeeded: found.deliveries_needed,
    },
    sourceQueue: found.source_queue ?? undefined,
    deadLetterQueue: found.dead_letter_queue ?? undefined,
  };
}

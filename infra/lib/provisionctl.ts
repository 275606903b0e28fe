// The project's own command line: the one reader of provisioner.toml, for the CDK app too.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The Rust package's folder. */
export const CRATE = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Runs `provisionctl`: the built one that the environment variable `PROVISIONCTL` names, else the one that cargo builds
 * (some minutes the first time).
 *
 * @returns its standard output
 * @throws with everything that it said, where it fails
 */
export function provisionctl(...args: string[]): string {
  const built = process.env["PROVISIONCTL"];
  const [command, ...first] = built ? [built] : ["cargo", "run", "--quiet", "--locked", "--bin", "provisionctl", "--"];
  const done = spawnSync(command!, [...first, ...args], { cwd: CRATE, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  if (done.error) throw new Error(`${command} does not run: ${done.error.message}`);
  if (done.status !== 0) throw new Error(`provisionctl ${args[0]} refuses:\n${done.stdout}${done.stderr}`);
  return done.stdout;
}

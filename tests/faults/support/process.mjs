import { spawn } from "node:child_process";

/// Longer than anything here takes on the slowest machine, in milliseconds: what is not over by then never will be.
export const never = 600_000;

/// Runs a program to its end, or kills it when it does not end. Not in one go as spawnSync does, which would stop every other
/// test, and every wire, meanwhile.
export const howItEnds = (command, args, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], timeout: never, killSignal: "SIGKILL", ...options }).once("error", reject);
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part) => (text += part));
    child.once("close", (code, signal) => resolve({ how: signal ?? code, text }));
  });

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

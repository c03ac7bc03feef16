import { spawn } from "node:child_process";

/// Runs a program to its end. Not in one go as spawnSync does, which would stop every other test, and every wire, meanwhile.
export const howItEnds = (command, args, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options }).once("error", reject);
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part) => (text += part));
    child.once("close", (code, signal) => resolve({ how: signal ?? code, text }));
  });

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

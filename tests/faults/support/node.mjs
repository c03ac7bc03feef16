// One server as a process that can die, stop and come back.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../contract/support/ports.mjs";
import { binary } from "../../contract/support/server.mjs";
import { never, sleep } from "./process.mjs";

export class Node {
  /// `data`: the folder of its database and credentials. `options` go behind those of `serve`.
  static async at(data, options = [], environment = {}) {
    const node = new Node();
    node.data = data;
    node.port = await freePort();
    node.url = `http://127.0.0.1:${node.port}`;
    node.options = ["--dev", "--data-dir", data, "--listen", `127.0.0.1:${node.port}`, ...options];
    node.environment = { ...process.env, ...environment };
    node.patience = 120_000;
    return node;
  }

  async start() {
    this.log = "";
    this.process = spawn(binary, ["serve", "--box-office", "off", ...this.options], { stdio: ["ignore", "ignore", "pipe"], env: this.environment });
    this.process.stderr.setEncoding("utf8").on("data", (text) => (this.log = (this.log + text).slice(-100_000)));
    this.ended = false;
    this.exited = new Promise((resolve) => this.process.once("close", (code, signal) => {
      this.ended = true;
      resolve(signal ?? code);
    }));
    for (let tries = 0; tries < 12_000; tries++) {
      // The file is written once the server listens.
      if ((await this.call("GET", "/readyz")).status === 200 && (this.credentials = this.#written())) return;
      if (this.ended) throw new Error(`the server ended: ${this.log}`);
      await sleep(25);
    }
    throw new Error(`the server does not come up: ${this.log}`);
  }

  #written() {
    try {
      return JSON.parse(readFileSync(join(this.data, "dev-credentials.json"), "utf8"));
    } catch {
      return undefined;
    }
  }

  async kill() {
    this.process.kill("SIGKILL");
    await this.exited;
  }
  /// How it ended. One that does not end leaves a core where those are kept, and its log in the error.
  async stop() {
    if (!this.ended) this.process.kill("SIGTERM");
    const late = setTimeout(() => this.process.kill("SIGABRT"), never);
    const how = await this.exited;
    clearTimeout(late);
    if (how === "SIGABRT") throw new Error(`the server did not end: ${this.log}`);
    return how;
  }

  /// Status 0: no answer, so nobody knows whether it happened.
  async call(method, path, body, headers = {}) {
    const all = { ...headers };
    if (this.credentials) all.authorization = `Bearer ${this.credentials.api_key}`;
    if (body !== undefined) all["content-type"] = "application/json";
    try {
      const answer = await fetch(this.url + path, { method, headers: all, body: body && JSON.stringify(body), signal: AbortSignal.timeout(this.patience) });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, json: text ? JSON.parse(text) : null };
    } catch {
      return { status: 0, headers: new Headers(), json: null };
    }
  }
}

// One SDK's driver: a program in its language that reads a call a line and answers each with a line.
//   → {"call": "checks.create", "service": "VA…", "to": "+55…", "code": "123456"}, with "user" and "password" where it is somebody else
//   ← {"ok": what the SDK gave} or {"refused": {class, status, code, message, more_info}} for the SDK's own exception,
//     or {"broke": "…"} for whatever else happened
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { repository } from "../contract/npm.mjs";

const built = `${repository}build/interop`;
const here = `${repository}tests/sdks`;

/// How `./dev interop` leaves each one to be started, what its SDK calls itself, and what it throws.
export const sdks = {
  go: { command: [`${built}/go/driver`], agent: /^twilio-go\/\d\S*/, refusal: "*client.TwilioRestError" },
  java: { command: ["java", "-cp", `${built}/java/classes:${built}/java/libraries/*`, "Driver"], agent: /^twilio-java\/\d\S*/, refusal: "ApiException" },
  node: { command: [process.execPath, `${here}/node/driver.mjs`], agent: /^twilio-node\/\d\S*/, refusal: "RestException" },
  python: { command: [`${built}/python/bin/python3`, "-B", `${here}/python/driver.py`], agent: /^twilio-python\/\d\S*/, refusal: "TwilioRestException", listRefusal: "TwilioException" },
};

export class Driver {
  constructor(name, url, user, password) {
    this.sdk = sdks[name];
    const [program, ...parameters] = this.sdk.command;
    this.process = spawn(program, [...parameters, url, user, password], { stdio: ["pipe", "pipe", "pipe"] });
    this.errors = "";
    this.process.stderr.setEncoding("utf8").on("data", (text) => (this.errors += text));
    this.process.stdin.on("error", () => {}); // It ended; what it answered last is awaited below.
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    this.exited = new Promise((resolve) => {
      this.process.once("close", (code, signal) => resolve(signal ?? code));
      this.process.once("error", (error) => resolve(error.message));
    });
  }

  async say(call, parameters) {
    this.process.stdin.write(`${JSON.stringify({ call, ...parameters })}\n`);
    const deadline = setTimeout(() => this.process.kill("SIGKILL"), 60_000);
    const { value, done } = await this.lines.next();
    clearTimeout(deadline);
    if (done) throw new Error(`the driver ended (${await this.exited}) at ${call}: ${this.errors}`);
    return JSON.parse(value);
  }

  /// What the SDK gave.
  async call(name, parameters) {
    const answer = await this.say(name, parameters);
    assert.ok("ok" in answer, `${name} ${JSON.stringify(parameters)}: ${JSON.stringify(answer)}`);
    return answer.ok;
  }

  /// The SDK throws what it throws for an answer of the service, with that status and code.
  async refused(status, code, name, parameters) {
    const what = `${name} ${JSON.stringify(parameters)}`;
    const asked = Date.now();
    const answer = await this.say(name, parameters);
    // Clients may ask once or twice more, but none sleeps until a lock is over.
    assert.ok(Date.now() - asked < 10_000, `${what} took ${Date.now() - asked} ms`);
    assert.ok("refused" in answer, `${what} was not refused: ${JSON.stringify(answer)}`);
    const { refused } = answer;
    const wanted = (name.endsWith(".list") && this.sdk.listRefusal) || this.sdk.refusal;
    assert.deepEqual([refused.class, refused.status, refused.code], [wanted, status, code], `${what}: ${refused.message}`);
    assert.ok(refused.message.length > 0, what);
    // Python's does not keep it.
    assert.ok([undefined, null, `https://www.twilio.com/docs/errors/${code}`].includes(refused.more_info), `${what}: ${refused.more_info}`);
  }

  async stop() {
    this.process.stdin.end();
    return this.exited;
  }
}

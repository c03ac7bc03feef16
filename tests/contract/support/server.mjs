// Starts the real binary on a free port of loopback, with a data directory of its own.
// CS_SERVER names the binary; without it the debug build is taken.
import { setDefaultResultOrder } from "node:dns";
import { spawn, spawnSync } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository } from "../npm.mjs";
import { freePort } from "./ports.mjs";

// Servers of the tests listen on 127.0.0.1; Node 18 would try what "localhost" names first and nothing else.
setDefaultResultOrder("ipv4first");

export const binary = process.env.CS_SERVER ?? `${repository}build/debug/countersign`;

/// Fresh keys. `extra` is TOML behind the sealing keys; `own` lines of the secrets themselves.
export const secretsFile = (extra = "", own = "") => {
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  const key = () => randomBytes(32).toString("base64");
  return `[secrets]\nlookup_key = "${key()}"\nsigning_key = """\n${pem}"""\n${own}[secrets.seal_keys]\n1 = "${key()}"\n${extra}`;
};

export class Server {
  /// `config` and `secrets` are TOML; `keys` names accounts that get an API key beside the default one; `default#2` is
  /// one more of `default`, `default#vouch` one that may vouch, `default#admin` one that may administer, `default#test` a test key.
  /// `boxOffice` is where that listens.
  static async start({ config, secrets = "", ownSecrets = "", keys = [], environment = {}, boxOffice = "off" } = {}) {
    const server = new Server();
    server.boxOffice = boxOffice;
    server.directory = mkdtempSync(join(tmpdir(), "countersign-"));
    server.port = await freePort();
    server.environment = { ...process.env, ...environment };
    server.options = ["--dev", "--data-dir", server.directory, "--listen", `127.0.0.1:${server.port}`];
    if (config !== undefined) {
      writeFileSync(join(server.directory, "countersign.toml"), config);
      writeFileSync(join(server.directory, "countersign.secrets.toml"), secretsFile(secrets, ownSecrets), { mode: 0o600 });
      server.options.push("--config", join(server.directory, "countersign.toml"));
    }
    server.keys = Object.fromEntries(keys.map((name) => [name, server.issueKey(...name.split("#"))]));
    await server.run();
    return server;
  }

  issueKey(account, more) {
    const scopes = ["vouch", "admin"].includes(more) ? ["--scope", more] : more === "test" ? ["--test"] : [];
    const options = ["api-key", "create", "--account", account, "--name", "test", ...scopes, ...this.options];
    const made = spawnSync(binary, options, { encoding: "utf8", env: this.environment });
    if (made.status !== 0) throw new Error(`no key for ${account}: ${made.error ?? made.stderr}`);
    return made.stdout.trim();
  }

  async run() {
    this.log = "";
    this.output = "";
    this.process = spawn(binary, ["serve", "--box-office", this.boxOffice, ...this.options], { stdio: ["ignore", "pipe", "pipe"], env: this.environment });
    this.process.stderr.setEncoding("utf8").on("data", (text) => (this.log += text));
    this.exited = new Promise((resolve) => this.process.once("close", (code, signal) => resolve(signal ?? code)));
    await new Promise((resolve, reject) => {
      this.process.once("error", reject);
      this.exited.then((how) => reject(new Error(`${binary} ended with ${how}: ${this.log}`)));
      this.process.stdout.setEncoding("utf8").on("data", (text) => {
        this.output += text;
        if (/\/ack .*\n/.test(this.output)) resolve();
      });
    });
    this.credentials = JSON.parse(readFileSync(join(this.directory, "dev-credentials.json"), "utf8"));
    this.url = this.credentials.url;
    this.keys = { default: this.credentials.api_key, test: this.credentials.test_api_key, ...this.keys };
  }

  isAlive() {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /// Ends it as an operator does, and removes its data. Answers how it exited: 0 when all is well.
  async stop() {
    if (this.isAlive()) this.process.kill("SIGTERM");
    const how = await this.exited;
    rmSync(this.directory, { recursive: true, force: true });
    return how;
  }
}

// The box office as a process of its own, and a browser without scripts: cookies, forms, redirects.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./ports.mjs";
import { binary } from "./server.mjs";

export class BoxOffice {
  /// Beside that Countersign. `more` are further options of the command.
  static async start(server, more = []) {
    const site = new BoxOffice();
    site.directory = mkdtempSync(join(tmpdir(), "box-office-"));
    writeFileSync(join(site.directory, "key"), server.keys.default, { mode: 0o600 });
    const port = await freePort();
    site.url = `http://localhost:${port}`;
    site.options = ["--listen", `127.0.0.1:${port}`, "--data-dir", join(site.directory, "data"), "--countersign", server.url,
      "--countersign-pages", `http://localhost:${server.port}`, "--api-key-file", join(site.directory, "key"), ...more];
    await site.run();
    return site;
  }

  async run() {
    this.log = "";
    this.process = spawn(binary, ["box-office", ...this.options], { stdio: ["ignore", "pipe", "pipe"] });
    this.process.stderr.setEncoding("utf8").on("data", (text) => (this.log += text));
    this.exited = new Promise((resolve) => this.process.once("close", (code, signal) => resolve(signal ?? code)));
    await new Promise((resolve, reject) => {
      this.process.stdout.setEncoding("utf8").once("data", resolve);
      this.exited.then((how) => reject(new Error(`the box office ended with ${how}: ${this.log}`)));
    });
  }

  async end(signal = "SIGTERM") {
    this.process.kill(signal);
    return this.exited;
  }

  async stop() {
    const how = this.process.exitCode === null ? await this.end() : undefined;
    rmSync(this.directory, { recursive: true, force: true });
    return how;
  }

  /// Every byte that it has on disk: the database, its log, whatever else there is.
  everythingOnDisk() {
    const folder = join(this.directory, "data");
    return Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
  }
}

const unescaped = (text) =>
  text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (all, decimal, hex, name) =>
    decimal ? String.fromCodePoint(Number(decimal)) : hex ? String.fromCodePoint(Number.parseInt(hex, 16))
      : { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" }[name] ?? all);

const attributes = (tag) =>
  Object.fromEntries([...tag.matchAll(/([a-z-]+)(?:="([^"]*)")?/g)].slice(1).map(([, name, value]) => [name, unescaped(value ?? "")]));

/// Debian's Node 18 has them in one line; none of ours has a comma inside.
const cookiesOf = (headers) => (headers.get("set-cookie") ?? "").split(/, (?=[^;,=\s]+=)/).filter((line) => line !== "");

export class Browser {
  constructor(site) {
    this.site = site;
    this.cookies = new Map();
  }

  async send(path, options = {}) {
    const headers = { Cookie: [...this.cookies].map((pair) => pair.join("=")).join("; "), ...options.headers };
    const response = await fetch(new URL(path, this.site.url), { ...options, headers, redirect: "manual" });
    for (const line of cookiesOf(response.headers)) {
      const [name, value] = line.split(";")[0].split("=");
      this.cookies.set(name, value);
    }
    return { status: response.status, location: response.headers.get("location"), headers: response.headers, html: await response.text() };
  }

  /// A page of the site, after its own redirects.
  async open(path) {
    this.path = path;
    this.page = await this.send(path);
    if (this.page.location?.startsWith("/")) return this.open(this.page.location);
    return this.page;
  }

  /// What the fields of the page's form hold, as a browser would send them.
  fields(action) {
    const forms = [...this.page.html.matchAll(/<form [^>]*action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)];
    const form = action ? forms.find(([, to]) => to === action) : forms[0];
    assert.ok(form, `no form at ${this.path}: ${this.page.html}`);
    const values = {};
    for (const [tag] of form[2].matchAll(/<input[^>]*>/g)) {
      const { name, type, value, ...rest } = attributes(tag);
      if (["radio", "checkbox"].includes(type) && !("checked" in rest)) continue;
      values[name] = value;
    }
    return { action: form[1], values };
  }

  /// Sends the page's form with these changes; follows where the site leads, but not away from it.
  async submit(changes = {}, action) {
    const form = this.fields(action);
    const answer = await this.post(form.action, { ...form.values, ...changes });
    if (answer.location?.startsWith("/")) return this.open(answer.location);
    this.page = answer.location ? this.page : answer;
    return answer;
  }

  post(path, values) {
    return this.send(path, { method: "POST", body: new URLSearchParams(values) });
  }

  text() {
    return unescaped(this.page.html.replace(/<[^>]*>/g, " ").replace(/\s+/g, " "));
  }
}

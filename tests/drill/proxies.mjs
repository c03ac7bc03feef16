// The proxies of deploy/, each with its shipped example: these nodes, ports that are free and a certificate of the moment.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../contract/support/ports.mjs";

const replaced = (text, pattern, by) => {
  assert.match(text, pattern, "the example has it");
  return text.replace(pattern, by);
};

class Proxy {
  /// `example`: the file to use instead of the shipped one.
  static async over(nodes, example = this.example) {
    const made = new this();
    made.folder = mkdtempSync(join(tmpdir(), "countersign-proxy-"));
    made.port = await freePort();
    const certificate = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=verify.example.com",
      "-keyout", join(made.folder, "key.pem"), "-out", join(made.folder, "certificate.pem")];
    assert.equal(spawnSync("/usr/bin/openssl", certificate).status, 0, "a certificate");
    const [program, args] = made.prepare(readFileSync(example, "utf8"), nodes, await freePort());
    made.process = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, HOME: made.folder, XDG_CONFIG_HOME: made.folder } });
    made.exited = new Promise((resolve) => made.process.once("close", resolve));
    return made;
  }

  get log() {
    return readFileSync(join(this.folder, "error.log"), "utf8");
  }

  async remove() {
    this.process.kill("SIGTERM");
    await this.exited;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class Nginx extends Proxy {
  static example = "deploy/nginx.conf";
  static noticesWithin = 0;

  prepare(text, nodes, plainPort) {
    const [, how] = /^ {4}server 127\.0\.0\.1:8080([^;]*);$/m.exec(text);
    text = replaced(text, /^ {4}server 127\.0\.0\.1:8080[^;]*;$/m, nodes.map((node) => `    server 127.0.0.1:${node.port}${how};`).join("\n"));
    text = replaced(text, /listen 443 ssl http2;/, `listen 127.0.0.1:${this.port} ssl http2;`);
    text = replaced(text, /^ *listen \[::\]:\d+.*$/gm, "");
    text = replaced(text, /listen 80;/, `listen 127.0.0.1:${plainPort};`);
    text = replaced(text, /ssl_certificate +\S+;/, `ssl_certificate ${join(this.folder, "certificate.pem")};`);
    text = replaced(text, /ssl_certificate_key +\S+;/, `ssl_certificate_key ${join(this.folder, "key.pem")};`);
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${join(this.folder, name)};`).join("\n");
    const file = join(this.folder, "nginx.conf");
    writeFileSync(file, `daemon off;\nworker_processes 2;\npid ${join(this.folder, "pid")};\nerror_log ${join(this.folder, "error.log")} warn;\n` +
      `events {}\nhttp {\n${temporary}\n${text}\n}\n`);
    return ["/usr/sbin/nginx", ["-p", this.folder, "-e", join(this.folder, "error.log"), "-c", file]];
  }
}

export class Caddy extends Proxy {
  static example = "deploy/Caddyfile";
  static noticesWithin = 2000; // It hears of a server that is back when it looks again.

  prepare(text, nodes, plainPort) {
    const certificate = `tls ${join(this.folder, "certificate.pem")} ${join(this.folder, "key.pem")}`;
    text = replaced(text, /^verify\.example\.com \{$/m, `verify.example.com:${this.port} {\n\tbind 127.0.0.1\n\t${certificate}`);
    text = replaced(text, /^http:\/\/verify\.example\.com \{$/m, `http://verify.example.com:${plainPort} {\n\tbind 127.0.0.1`);
    text = replaced(text, /^\treverse_proxy 127\.0\.0\.1:8080 \{$/m, `\treverse_proxy ${nodes.map((node) => `127.0.0.1:${node.port}`).join(" ")} {`);
    const file = join(this.folder, "Caddyfile");
    const log = `log {\n\t\toutput file ${join(this.folder, "error.log")}\n\t\tlevel WARN\n\t}`;
    writeFileSync(file, `{\n\tadmin off\n\tstorage file_system ${this.folder}\n\tauto_https off\n\t${log}\n}\n${text}`);
    return ["/usr/bin/caddy", ["run", "--config", file, "--adapter", "caddyfile"]];
  }
}

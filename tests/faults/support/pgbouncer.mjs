// A real PgBouncer of the test's own on loopback, in front of one database. It refuses to run as root, too.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../contract/support/ports.mjs";
import { asPostgres } from "./postgres.mjs";
import { sleep } from "./process.mjs";

const program = "/usr/sbin/pgbouncer";

export class PgBouncer {
  /// `settings`: of its section [pgbouncer].
  static async inFrontOf(postgres, database, settings) {
    if (!existsSync(program)) throw new Error("this test needs PgBouncer: install the package pgbouncer (packages.txt)");
    const made = new PgBouncer();
    made.database = database;
    made.port = await freePort();
    made.folder = mkdtempSync(join(tmpdir(), "countersign-pgbouncer-"));
    chmodSync(made.folder, 0o755);
    // It gives nobody up because the machine is slow.
    const patience = { client_login_timeout: 600, server_connect_timeout: 600, query_wait_timeout: 600, server_login_retry: 1 };
    const all = { listen_addr: "127.0.0.1", listen_port: made.port, unix_socket_dir: "", auth_type: "any", ...patience, ...settings };
    const file = join(made.folder, "pgbouncer.ini");
    writeFileSync(file, `[databases]\n${database} = host=127.0.0.1 port=${postgres.port} dbname=${database} user=postgres\n[pgbouncer]\n` +
      Object.entries(all).map(([name, value]) => `${name} = ${value}\n`).join(""));
    made.log = "";
    made.process = spawn(...asPostgres([program, file]), { stdio: ["ignore", "ignore", "pipe"], cwd: "/" });
    made.exited = new Promise((resolve) => made.process.once("close", resolve));
    made.process.stderr.setEncoding("utf8").on("data", (text) => (made.log += text));
    for (let tries = 0; tries < 8000; tries++) {
      if (/process up/.test(made.log)) return made;
      await sleep(25);
    }
    throw new Error(`PgBouncer did not start: ${made.log} ${readFileSync(file, "utf8")}`);
  }

  get url() {
    return `postgresql://postgres@127.0.0.1:${this.port}/${this.database}`;
  }

  async remove() {
    this.process.kill("SIGQUIT");
    await this.exited;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

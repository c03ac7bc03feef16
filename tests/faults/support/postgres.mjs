// A real PostgreSQL of the test's own on loopback: a primary, a standby that every commit waits for, and what can happen
// to them. The server refuses to run as root, so root starts it as the user `postgres`.
import { spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../contract/support/ports.mjs";
import { howItEnds, never, sleep } from "./process.mjs";

const folder = [17, 16, 15, 14, 13].map((version) => `/usr/lib/postgresql/${version}/bin`).find((bin) => existsSync(`${bin}/initdb`));
const program = (name) => {
  if (!folder) throw new Error("these tests need PostgreSQL's server: install the package postgresql (packages.txt)");
  return `${folder}/${name}`;
};
const root = process.getuid() === 0;

/// The whole command line: as `postgres` if we are root, and ended when this process ends.
export const asPostgres = (command) => {
  const user = root ? ["--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];
  return ["/usr/bin/setpriv", ["--pdeathsig", "QUIT", ...user, ...command]];
};
const run = async (command) => {
  const ended = await howItEnds(...asPostgres(command), { cwd: "/" });
  if (ended.how !== 0) throw new Error(`${command[0]}: ${ended.text}`);
};
const idOf = (kind) => Number(spawnSync("/usr/bin/id", [kind, "postgres"], { encoding: "utf8" }).stdout);
const aFolder = () => {
  const made = mkdtempSync(join(tmpdir(), "countersign-pg-"));
  if (root) chownSync(made, idOf("-u"), idOf("-g"));
  return made;
};

export class Postgres {
  /// An empty cluster, running. `settings` are lines of postgresql.conf. With `sizeMb` its data, but not its log of writes,
  /// stands on a file system of that size; undefined where none can be mounted.
  static async create(settings = {}, { sizeMb } = {}) {
    const made = new Postgres();
    made.folder = aFolder();
    made.settings = settings;
    made.port = await freePort();
    made.writes = aFolder();
    if (sizeMb && !made.#mount(sizeMb)) {
      await made.remove();
      return undefined;
    }
    await run([program("initdb"), "--pgdata", made.data, "--waldir", join(made.writes, "wal"), "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]);
    await made.start();
    return made;
  }

  /// A copy of that one which follows it, under the name `name`; on a port that has become free, or on any.
  static async standbyOf(primary, name, settings = {}, port = undefined) {
    const made = new Postgres();
    made.folder = aFolder();
    made.settings = settings;
    made.port = port ?? (await freePort());
    await run([program("pg_basebackup"), "--pgdata", made.data, "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
      "--dbname", `host=127.0.0.1 port=${primary.port} user=postgres application_name=${name}`]);
    await made.start();
    return made;
  }

  get psql() {
    return program("psql");
  }
  get data() {
    return join(this.folder, "data");
  }
  url(database, user = "postgres") {
    return `postgresql://${user}@127.0.0.1:${this.port}/${database}`;
  }
  get log() {
    return readFileSync(join(this.folder, "log"), "utf8");
  }

  async start() {
    const settings = { listen_addresses: "127.0.0.1", port: this.port, unix_socket_directories: this.folder, shared_buffers: "32MB",
      max_connections: 60, wal_level: "replica", hot_standby: "on", log_filename: "log", ...this.settings };
    const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const log = join(this.folder, "log");
    this.process = spawn(...asPostgres(["/bin/sh", "-c", `exec "$@" >>'${log}' 2>&1`, "postgres", program("postgres"), "-D", this.data, ...options]), { stdio: "ignore", cwd: "/" });
    this.exited = new Promise((resolve) => this.process.once("close", resolve));
    for (let tries = 0; tries < 6000; tries++) {
      if ((await howItEnds(program("pg_isready"), ["-q", "-h", "127.0.0.1", "-p", String(this.port)])).how === 0) return;
      await sleep(50);
    }
    throw new Error(`PostgreSQL did not start: ${this.log}`);
  }

  /// One statement; the first column of what it answers.
  sql(statement, database = "postgres") {
    const ended = spawnSync(program("psql"), ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", this.url(database), "-c", statement], { encoding: "utf8", timeout: never });
    if (ended.status !== 0) throw new Error(`${statement}: ${ended.error ?? ended.stderr}`);
    return ended.stdout.trim();
  }

  /// A script, such as pg_dump writes.
  load(script, database) {
    const ended = spawnSync(program("psql"), ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", this.url(database), "-f", "-"], { encoding: "utf8", input: script, timeout: never });
    if (ended.status !== 0) throw new Error(`${ended.error ?? ended.stderr}`);
  }

  /// The whole process group dies where it stands, as by a loss of power.
  async crash() {
    for (const pid of this.#family()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // Ended by itself meanwhile.
      }
    }
    await this.exited;
  }

  signal(name) {
    for (const pid of this.#family()) process.kill(pid, name);
  }

  /// The standby becomes the primary.
  promote() {
    return run([program("pg_ctl"), "promote", "--pgdata", this.data, "--wait"]);
  }

  /// Every commit waits for the standby of that name from now on.
  requireStandby(name) {
    this.sql(`ALTER SYSTEM SET synchronous_standby_names = '${name}'`);
    this.sql("SELECT pg_reload_conf()");
  }

  #mount(sizeMb) {
    const options = `size=${sizeMb}m,uid=${idOf("-u")},gid=${idOf("-g")},mode=0700`;
    this.mounted = root && spawnSync("/usr/bin/mount", ["-t", "tmpfs", "-o", options, "countersign-test", this.folder]).status === 0;
    return this.mounted;
  }

  async remove() {
    if (this.process?.exitCode === null && this.process.signalCode === null) await this.crash();
    if (this.mounted) spawnSync("/usr/bin/umount", ["--lazy", this.folder]);
    if (this.writes) rmSync(this.writes, { recursive: true, force: true });
    rmSync(this.folder, { recursive: true, force: true });
  }

  /// The server and its processes, the server first so that it cannot start new ones.
  #family() {
    const { pid } = this.process;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    return [pid, ...children.split(" ").filter((word) => word !== "").map(Number)];
  }
}

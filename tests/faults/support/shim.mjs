// The disk and the clock of one server, to be broken and mended while it runs (shim.c).
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const source = new URL("shim.c", import.meta.url).pathname;

export class Shim {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "countersign-shim-"));
    const library = join(this.folder, "shim.so");
    const made = spawnSync("/usr/bin/gcc", ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, source], { encoding: "utf8" });
    if (made.status !== 0) throw new Error(`the shim cannot be compiled: ${made.error ?? made.stderr}`);
    this.control = join(this.folder, "control");
    this.state = { full: 0, lateMs: 0, offSeconds: 0 };
    writeFileSync(this.control, Buffer.alloc(12));
    this.environment = { LD_PRELOAD: library, FAULTS_CONTROL: this.control };
  }

  set(changes) {
    Object.assign(this.state, changes);
    const bytes = Buffer.alloc(12);
    [this.state.full, this.state.lateMs, this.state.offSeconds].forEach((value, i) => bytes.writeInt32LE(value, 4 * i));
    const file = openSync(this.control, "r+");
    writeSync(file, bytes, 0, 12, 0);
    closeSync(file);
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

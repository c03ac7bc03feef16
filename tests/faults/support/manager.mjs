// A service manager's ear: the socket of sd_notify. Node has no datagrams of the Unix kind, Python has.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ear = `
import os, socket, sys
ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
ear.bind(sys.argv[1])
os.write(1, b"listening\\n")
while True:
    os.write(1, ear.recv(65536))
`;

export class Manager {
  static async create() {
    const made = new Manager();
    made.folder = mkdtempSync(join(tmpdir(), "countersign-manager-"));
    made.socket = join(made.folder, "notify");
    made.text = "";
    made.process = spawn("/usr/bin/python3", ["-B", "-c", ear, made.socket], { stdio: ["ignore", "pipe", "inherit"] });
    made.exited = new Promise((resolve) => made.process.once("close", resolve));
    await new Promise((resolve, reject) => {
      made.exited.then(() => reject(new Error("nobody listens")));
      made.process.stdout.setEncoding("utf8").on("data", (text) => {
        made.text += text;
        if (made.text.startsWith("listening\n")) resolve();
      });
    });
    return made;
  }

  async remove() {
    this.process.kill();
    await this.exited;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

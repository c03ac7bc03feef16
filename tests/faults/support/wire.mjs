// A network cable between a node and its database: it can be cut, so that nothing comes through and nobody is told, as when
// a switch dies; and joined again.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { freePort } from "../../contract/support/ports.mjs";

export class Wire {
  /// What travels arrives `lateMs` later, in each direction.
  static async to(port, { lateMs = 0 } = {}) {
    const wire = new Wire();
    wire.far = port;
    wire.port = await freePort(); // Ours also while it is unplugged.
    wire.thread = new Worker(new URL("./wire_thread.mjs", import.meta.url), { workerData: { far: port, near: wire.port, lateMs } });
    await wire.plug();
    return wire;
  }

  async #tell(action) {
    const done = once(this.thread, "message");
    this.thread.postMessage(action);
    await done;
  }

  plug() {
    return this.#tell("plug");
  }

  /// As when the server at the far end is dead: whoever connects is refused.
  unplug() {
    return this.#tell("unplug");
  }

  cut() {
    return this.#tell("cut");
  }

  /// What was on the wire when it was cut is lost, so its connections are, too.
  join() {
    return this.#tell("join");
  }

  async close() {
    await this.thread.terminate();
  }
}

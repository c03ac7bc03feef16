// A network cable between a node and its database: it can be cut, so that nothing comes through and nobody is told, as when
// a switch dies; and joined again.
import { connect, createServer } from "node:net";
import { freePort } from "../../contract/support/ports.mjs";

export class Wire {
  static async to(port) {
    const wire = new Wire();
    wire.far = port;
    wire.isCut = false;
    wire.lateMs = 0; // In each direction.
    wire.pairs = new Set();
    wire.port = await freePort(); // Ours also while it is unplugged.
    await wire.plug();
    return wire;
  }

  async plug() {
    this.server = createServer((near) => this.#join(near));
    await new Promise((resolve) => this.server.listen(this.port, "127.0.0.1", resolve));
  }

  /// As when the server at the far end is dead: whoever connects is refused.
  async unplug() {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.join();
    await closed;
  }

  #join(near) {
    const far = connect({ port: this.far, host: "127.0.0.1" });
    const pair = { near, far };
    this.pairs.add(pair);
    const end = () => {
      if (this.isCut) return;
      near.destroy();
      far.destroy();
      this.pairs.delete(pair);
    };
    for (const [from, to] of [[near, far], [far, near]]) {
      from.on("data", (bytes) => {
        if (this.isCut) return;
        if (this.lateMs === 0) to.write(bytes);
        else setTimeout(() => to.write(bytes), this.lateMs);
      });
      from.on("close", end);
      from.on("error", end);
    }
    if (this.isCut) this.#silence(pair);
  }

  #silence({ near, far }) {
    near.pause();
    far.pause();
  }

  cut() {
    this.isCut = true;
    for (const pair of this.pairs) this.#silence(pair);
  }

  /// What was on the wire when it was cut is lost, so its connections are, too.
  join() {
    this.isCut = false;
    for (const { near, far } of this.pairs) {
      near.destroy();
      far.destroy();
    }
    this.pairs.clear();
  }

  async close() {
    if (this.server.listening) await this.unplug();
  }
}

// Stands between a client that cannot check what it gets and the server: passes everything on as it is, and holds every
// answer against the description. The server's public address is this one, so that links to further pages lead here too.
import { createServer, request as httpRequest } from "node:http";
import { hold } from "../../contract/support/verify_api.mjs";

export class HeldProxy {
  static async start() {
    const proxy = new HeldProxy();
    proxy.faults = [];
    proxy.agents = new Set(); // What the clients call themselves.
    proxy.server = createServer((incoming, outgoing) => proxy.pass(incoming, outgoing));
    await new Promise((resolve) => proxy.server.listen(0, "127.0.0.1", resolve));
    proxy.url = `http://127.0.0.1:${proxy.server.address().port}`;
    return proxy;
  }

  pass(incoming, outgoing) {
    const { hostname, port } = new URL(this.target);
    const { method, url: path, headers } = incoming;
    this.agents.add(headers["user-agent"]);
    const onward = httpRequest({ hostname, port, method, path, headers }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => {
        const body = Buffer.concat(parts);
        try {
          if (path.startsWith("/v2")) hold(method, path, { status: answer.statusCode, headers: answer.headers, text: body.toString() });
        } catch (error) {
          this.faults.push(error.message);
        }
        outgoing.writeHead(answer.statusCode, answer.rawHeaders);
        outgoing.end(body);
      });
    });
    incoming.pipe(onward);
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

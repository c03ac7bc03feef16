// An SMS gateway as deploy/gateways/sinch.toml describes one, as far as the tests need it: takes messages, keeps them.
import { createServer } from "node:http";

export class Gateway {
  messages = [];

  static async start() {
    const gateway = new Gateway();
    gateway.server = createServer(async (request, response) => {
      let body = "";
      for await (const part of request) body += part;
      const message = JSON.parse(body);
      gateway.messages.push(message);
      response.writeHead(201, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ id: `batch-${message.client_reference}` }));
    });
    await new Promise((done) => gateway.server.listen(0, "127.0.0.1", done));
    gateway.url = `http://127.0.0.1:${gateway.server.address().port}`;
    return gateway;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

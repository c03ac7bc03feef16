// A mail server on loopback that takes every mail without TLS, and says what it took.
import { createServer } from "node:net";

export class MailServer {
  static async start() {
    const server = new MailServer();
    /// `{from, to, content}` of each.
    server.mails = [];
    server.sockets = new Set();
    server.listener = createServer((socket) => server.serve(socket));
    await new Promise((resolve) => server.listener.listen(0, "127.0.0.1", resolve));
    server.port = server.listener.address().port;
    return server;
  }

  serve(socket) {
    this.sockets.add(socket);
    const say = (line) => socket.write(`${line}\r\n`);
    let rest = "";
    let mail;
    let inside = false;
    socket.on("error", () => {}).on("close", () => this.sockets.delete(socket));
    socket.setEncoding("latin1").on("data", (text) => {
      const lines = (rest + text).split("\r\n");
      rest = lines.pop();
      for (const line of lines) {
        if (inside && line !== ".") mail.content += `${line.replace(/^\./, "")}\r\n`;
        else if (inside) {
          inside = false;
          this.mails.push(mail);
          say("250 2.0.0 queued");
        } else if (line.startsWith("MAIL")) {
          mail = { from: /<(.*)>/.exec(line)[1], to: "", content: "" };
          say("250 ok");
        } else if (line.startsWith("RCPT")) {
          mail.to = /<(.*)>/.exec(line)[1];
          say("250 ok");
        } else if (line === "DATA") {
          inside = true;
          say("354 go on");
        } else say(line.startsWith("QUIT") ? "221 bye" : "250 ok");
      }
    });
    say("220 mx.test");
  }

  async stop() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.listener.close(resolve));
  }
}

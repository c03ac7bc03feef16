// A port of loopback that nobody has, chosen before a start, where the public address must be named on the command line.
//
// It is this process's until it ends: from below what the system gives to whoever asks for any port, so that nobody gets
// it in that way, and with the UDP port of the same number, which only one process can have, as a mark for other tests.
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

const lowest = 10_000;
const highest = (() => {
  try {
    return Number(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").split(/\s/)[0]) - 1;
  } catch {
    return 0;
  }
})();
const [first, last] = highest - lowest >= 1000 ? [lowest, highest] : [lowest, 65_535]; // Else by the mark alone.

const host = "127.0.0.1";

/// Resolves to it once it is bound, or to undefined where somebody else has it.
const bound = (one, bind) =>
  new Promise((resolve) => {
    one.once("error", () => resolve(undefined));
    bind(() => resolve(one));
  });

export const freePort = async () => {
  for (let tries = 0; tries < 1000; tries++) {
    const port = first + Math.floor(Math.random() * (last - first + 1));
    const mark = createSocket("udp4");
    if (!(await bound(mark, (done) => mark.bind(port, host, done)))) continue;
    mark.unref();
    const probe = createServer();
    if (await bound(probe, (done) => probe.listen(port, host, done))) {
      await new Promise((resolve) => probe.close(resolve));
      return port;
    }
    mark.close();
  }
  throw new Error("there is no free port");
};

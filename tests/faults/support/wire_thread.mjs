// The far side of wire.mjs, on a thread of its own: whatever the tests wait for in one go meanwhile, bytes travel.
import { connect, createServer } from "node:net";
import { parentPort, workerData } from "node:worker_threads";

const { far: port, near: own, lateMs } = workerData;
const pairs = new Set();
let isCut = false;
let server;

const silence = ({ near, far }) => {
  near.pause();
  far.pause();
};

const carry = (near) => {
  const far = connect({ port, host: "127.0.0.1" });
  const pair = { near, far };
  pairs.add(pair);
  const end = () => {
    if (isCut) return;
    near.destroy();
    far.destroy();
    pairs.delete(pair);
  };
  for (const [from, to] of [[near, far], [far, near]]) {
    from.on("data", (bytes) => {
      if (isCut) return;
      if (lateMs === 0) to.write(bytes);
      else setTimeout(() => to.write(bytes), lateMs);
    });
    from.on("close", end);
    from.on("error", end);
  }
  if (isCut) silence(pair);
};

const actions = {
  plug: async () => {
    server = createServer(carry);
    await new Promise((resolve) => server.listen(own, "127.0.0.1", resolve));
  },
  unplug: async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    actions.join();
    await closed;
  },
  cut: () => {
    isCut = true;
    for (const pair of pairs) silence(pair);
  },
  join: () => {
    isCut = false;
    for (const { near, far } of pairs) {
      near.destroy();
      far.destroy();
    }
    pairs.clear();
  },
};

parentPort.on("message", async (name) => {
  await actions[name]();
  parentPort.postMessage(name);
});

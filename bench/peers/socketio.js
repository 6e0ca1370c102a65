// Socket.IO with one room. Arguments: the sockets' port, the orders' port.
const { Server } = require("socket.io");
const net = require("net");
const readline = require("readline");
const fs = require("fs");
const http = require("http");

const [, , port, orders, messageFile] = process.argv;
const MESSAGE = JSON.parse(fs.readFileSync(messageFile));

const server = http.createServer();
const io = new Server(server, { transports: ["websocket"], perMessageDeflate: false });
io.on("connection", (socket) => socket.join("queue"));
server.listen(Number(port), "127.0.0.1");

function message(number) {
  const changes = { total_waiting: number, ts: Date.now() / 1000 };
  for (const [key, roles] of Object.entries(MESSAGE))
    changes[key] = Object.fromEntries(Object.entries(roles).map(([role, base]) => [role, base + (number % 9)]));
  const head = { stream: "queue", epoch: "9f2c6d1be0a47358", seq: number + 1, prev: number };
  return { action: "updateQueue", ...head, changes, timestamp: Date.now() / 1000 };
}

net
  .createServer((socket) => {
    readline.createInterface({ input: socket }).on("line", async (line) => {
      const { first, count, pause } = JSON.parse(line);
      for (let number = first; number < first + count; number++) {
        io.to("queue").emit("updateQueue", message(number));
        await new Promise((resolve) => (pause ? setTimeout(resolve, 1000 * pause) : setImmediate(resolve)));
      }
      socket.write("true\n");
    });
  })
  .listen(Number(orders), "127.0.0.1");

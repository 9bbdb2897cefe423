// Hostile clients in a process of their own. Usage: exhaustion-attacker.mjs <kind> <port> <connections>; says `attacking` when all are at it.
import { connect } from "node:net";
import { setPriority } from "node:os";

const [kind, port, count] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const CONNECT = 'CONNECT {"verbose":false,"pedantic":false,"headers":true,"protocol":1}\r\n';
const DRIP_MS = 50;
/** Connections that are opened at once. */
const OPENING_COUNT = 100;

const ATTACKS = {
  /** Says nothing more. */
  idle: () => {},
  /** Sends as fast as it is read, and reads every answer. */
  ping: (socket) => flood(socket, "PING\r\n".repeat(10_000)),
  sub: (socket) => flood(socket, "SUB a.b.c 1\r\nUNSUB 1\r\n".repeat(3_000)),
  /** As fast as it is read, what is refused one by one. */
  refused: (socket) => flood(socket, "PUB bench..a 0\r\n\r\n".repeat(4_000)),
  /** Declares a large payload and sends it byte by byte. */
  drip: (socket) => {
    socket.write("PUB bench.drip 1000000\r\n");
    const timer = setInterval(() => socket.write("x"), DRIP_MS);
    socket.on("close", () => clearInterval(timer));
  },
  /** Begins as much as may be kept, and never ends it. */
  hoard: (socket) => {
    socket.write(`PUB bench.hoard 1000000\r\n${"x".repeat(900_000)}`);
  },
  /** Listens to everything on the flood's subject, and reads nothing of it. */
  deaf: (socket) => {
    socket.write("SUB bench.flood 1\r\n");
    socket.pause();
  },
};

// An agent has its own share of the machine: here it gets what the others leave, and the sidecar is what is measured.
setPriority(19);
let closedCount = 0;
if (kind === "churn") for (let i = 0; i < count; i++) void churn();
else await openAll();
process.stdout.write("attacking\n");
setInterval(() => process.stdout.write(`closed ${closedCount}\n`), 1_000);

async function openAll() {
  for (let opened = 0; opened < count; opened += OPENING_COUNT) {
    await Promise.all(Array.from({ length: Math.min(OPENING_COUNT, count - opened) }, attack));
  }
}

/** Comes and goes, again and again. */
async function churn() {
  for (;;) {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.on("error", () => {});
    socket.on("data", () => {});
    socket.write(`${CONNECT}PING\r\n`);
    await new Promise((resolve) => socket.once("data", resolve).once("close", resolve));
    socket.destroy();
    closedCount++;
  }
}

async function attack() {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  socket.on("error", () => {});
  socket.on("close", () => closedCount++);
  socket.write(`${CONNECT}PING\r\n`);
  await new Promise((resolve) => {
    let text = "";
    const onData = (bytes) => {
      text += bytes.toString("latin1");
      if (!text.includes("PONG\r\n")) return;
      socket.off("data", onData);
      socket.resume();
      resolve();
    };
    socket.on("data", onData);
    socket.once("close", resolve);
  });
  ATTACKS[kind](socket);
}

function flood(socket, text) {
  const bytes = Buffer.from(text);
  const more = () => {
    if (socket.destroyed) return;
    while (socket.write(bytes));
  };
  socket.on("drain", more);
  more();
}

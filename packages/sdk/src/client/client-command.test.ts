import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isClientCommand } from "./client-command.ts";

describe("isClientCommand", () => {
  it.each(["SUB a.b 1\r\n", "SUB a.> q 12\r\n", "SUB é 1\r\n", "UNSUB 1\r\n", "UNSUB 1 5\r\n"])(
    "takes %j",
    (command) => {
      expect(isClientCommand(command, [])).toBe(true);
    },
  );

  it.each([
    "PUB a 0\r\n\r\n",
    "SUB a q 1\r\nPUB x 0\r\n\r\n",
    "SUB a 1\r\n\r\n",
    "SUB a b c 1\r\n",
    "SUB a 1\n",
    "SUB a 1",
    "UNSUB 1 1\r\nPUB x 0\r\n\r\n",
    "PING\r\n",
    "sub a 1\r\n",
    " SUB a 1\r\n",
  ])("takes no %j", (command) => {
    expect(isClientCommand(command, [])).toBe(false);
  });

  it("takes no bytes, and nothing that follows", () => {
    expect(isClientCommand(Buffer.from("SUB a 1\r\n"), [])).toBe(false);
    expect(isClientCommand("SUB a 1\r\n", [Buffer.from("PUB x 0\r\n\r\n")])).toBe(false);
  });

  it("takes nothing of more than one line", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const command = `SUB ${a} ${b} 1\r\n`;
        expect(isClientCommand(command, []) && command.split(/[\r\n]/).length > 3).toBe(false);
      }),
    );
  });
});

import type { Decision } from "@cortexos/protocol";
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import type { NatsConnection as ConnectionV2 } from "nats";
import { describe, expectTypeOf, it } from "vitest";
import { guardTool, type Guard, type Guarded } from "./index.ts";
import * as z from "zod";

describe("guard", () => {
  it("keeps the type of a connection of either line", () => {
    expectTypeOf<Guarded<NatsConnection>>().toExtend<NatsConnection>();
    expectTypeOf<Guarded<ConnectionV2>>().toExtend<ConnectionV2>();
    expectTypeOf<Guarded<NatsConnection>["submit"]>().returns.toEqualTypeOf<Promise<Decision>>();
  });

  it("takes a signal in requests", () => {
    const request = (nc: Guarded<NatsConnection>): Promise<Msg> =>
      nc.request("a", "x", { timeout: 1, signal: AbortSignal.abort() });
    expectTypeOf(request).returns.toEqualTypeOf<Promise<Msg>>();
  });
});

describe("guardTool", () => {
  it("takes the arguments of the schema and gives what the tool gives", () => {
    const make = (guard: Guard) =>
      guardTool("pick", ({ count }: { count: number }) => count > 1, {
        guard,
        schema: z.object({ count: z.number() }),
      });
    expectTypeOf<ReturnType<typeof make>>().returns.toEqualTypeOf<Promise<boolean>>();
    expectTypeOf<ReturnType<typeof make>>().parameter(0).toEqualTypeOf<{ count: number }>();
  });
});

import { carriesJobRequest, createLeafReader, decodePayload, type ReadLeaves } from "@cortexos/protocol";
import { canStand, draftStanding, type Asked } from "./draft-standing.ts";
import type { EndingParts } from "./endings.ts";
import { reportFault } from "./gate-options.ts";
import type { StandingChoice, StandingRelease } from "./gate-types.ts";
import { payloadForm } from "./message-view.ts";
import { createPayloadKey, leafPathsOf, type PayloadKey } from "./payload-key.ts";
import type { ActivePolicy } from "./ports.ts";
import { createRecentMap, type RecentMap } from "./recent-map.ts";
import type { GrantedStanding } from "./run.ts";

/** Groups of payloads that are remembered for all callers together; twice as many for a while. */
export const PAYLOAD_GROUPS_MAX = 4096;

/** Longest key of a group, in UTF-16 units: a payload that needs a longer one is submitted. */
export const PAYLOAD_KEY_CHARS_MAX = 512;

/** Makes the choice of a subject, `undefined` where there can be none. */
export type MakeChoice = (policy: ActivePolicy, asked: Asked) => (StandingChoice & GivenUp) | undefined;

/** Something that can be made to be current no more. */
export interface GivenUp {
  readonly giveUp: () => void;
}

interface PolicyState {
  readonly groups: RecentMap<Group>;
  readonly keyOf: PayloadKey;
  /** Names the same groups for payloads that are plain JSON, without decoding them. */
  readonly readLeaves: ReadLeaves;
}

/** What is known of a group: its release, that it has been seen once, or that its messages are to be submitted. */
type Group = StandingRelease | "seen" | "submit";

/**
 * Choices by payload. A group gets its release when it is seen a second time: keys that never come again cost no evaluation.
 *
 * @param grant - makes the release of a group.
 */
export function createChoices(parts: EndingParts, grant: (granted: GrantedStanding) => StandingRelease): MakeChoice {
  const { options, recorder } = parts;
  // With its policy goes all that was known under it.
  const states = new WeakMap<ActivePolicy, PolicyState>();
  let choiceCount = 0;

  function stateOf(policy: ActivePolicy): PolicyState {
    const known = states.get(policy);
    if (known !== undefined) return known;
    const made = {
      groups: createRecentMap<Group>(PAYLOAD_GROUPS_MAX),
      keyOf: createPayloadKey(policy.reads),
      readLeaves: createLeafReader(leafPathsOf(policy.reads)),
    };
    states.set(policy, made);
    return made;
  }

  function learn(policy: ActivePolicy, asked: Asked, payload: Uint8Array): Group {
    const draft = draftStanding(policy, asked, { nowNs: options.clock.nowNs(), payload });
    return draft === undefined ? "submit" : grant({ ...asked, draft, policy });
  }

  return (policy, asked) => {
    // A claim of a wrong type makes a job request DENY, whether or not the policy reads it.
    if (!canStand(policy, asked.subject) || carriesJobRequest(asked.subject)) return undefined;
    const form = payloadForm(policy.manifest, asked.subject);
    const { groups, keyOf, readLeaves } = stateOf(policy);
    const mayBeJson = form.format === "auto" || form.format === "json";
    const choice = choiceCount++;
    const plainPrefix = `${choice}=`;
    const prefix = `${choice}|`;
    let givenUp = false;

    function find(payload: Uint8Array): Group {
      const key = (mayBeJson ? readLeaves(payload, plainPrefix) : undefined) ?? decodedKey(payload);
      if (key === undefined || key.length > PAYLOAD_KEY_CHARS_MAX) return "submit";
      const known = groups.get(key);
      if (known !== undefined && known !== "seen") return known;
      const group = known === undefined ? "seen" : learn(policy, asked, payload);
      groups.set(key, group);
      return group;
    }

    function decodedKey(payload: Uint8Array): string | undefined {
      const decoded = decodePayload(payload, form);
      return decoded.ok ? prefix + keyOf(decoded.value, decoded.format) : undefined;
    }

    return {
      choose(payload) {
        try {
          const group = find(payload);
          return typeof group === "string" ? undefined : group;
        } catch (thrown) {
          reportFault(options, "kernel", thrown);
          return undefined;
        }
      },
      giveUp() {
        givenUp = true;
      },
      isCurrent: () => !givenUp && recorder.isHealthy() && options.policies.current() === policy,
    };
  };
}

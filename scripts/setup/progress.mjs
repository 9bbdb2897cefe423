const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;

/**
 * Shows long steps on a terminal, with the time gone by; silent in a pipe.
 *
 * @param {{ quiet?: boolean, stream?: NodeJS.WriteStream }} [options]
 */
export function createProgress({ quiet = false, stream = process.stderr } = {}) {
  const shown = stream.isTTY === true && !quiet;
  return {
    /**
     * @template T
     * @param {string} label
     * @param {() => Promise<T>} work
     * @returns {Promise<T>}
     */
    async step(label, work) {
      if (!shown) return work();
      const startMs = performance.now();
      let frame = 0;
      const draw = (mark) => stream.write(`\r\x1b[2K${mark} ${label} ${formatSeconds(performance.now() - startMs)}`);
      const timer = setInterval(() => draw(FRAMES[frame++ % FRAMES.length]), FRAME_MS);
      let mark = "✗";
      try {
        const result = await work();
        mark = "✓";
        return result;
      } finally {
        clearInterval(timer);
        draw(mark);
        stream.write("\n");
      }
    },
  };
}

/**
 * @param {number} ms
 */
export function formatSeconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

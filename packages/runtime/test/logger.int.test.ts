import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const runtime = fileURLToPath(new URL("../dist/index.js", import.meta.url));
const fields = {
  token: "hush",
  connection: { address: "127.0.0.1", password: "hush", auth: "hush" },
  request: { authorization: "hush", secret: "hush" },
};

test.each(["json", "pretty"] as const)(
  "no secret reaches a %s log, whichever logger writes it; nothing goes to stdout",
  async (format) => {
    const script = `
    import { createLogger } from ${JSON.stringify(runtime)};
    const logger = createLogger({ level: "info", format: "${format}" });
    logger.info(${JSON.stringify(fields)}, "connected");
    logger.child(${JSON.stringify(fields)}).warn({ token: "hush" }, "lost");
  `;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/connected[^]*lost/);
    expect(stderr).toContain("127.0.0.1");
    expect(stderr).not.toContain("hush");
  },
);

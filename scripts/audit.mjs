// `npm run audit:prod`: known vulnerabilities in what is installed with the product. Ends with 0 when there are none, 1 when there are, and
// with 3, saying so, when the registry serves no audits: then nothing was looked at.
import { command, run, say } from "./processes.mjs";

const notRun = 3;

/** What `pnpm audit --json` printed, or undefined when that is no audit. */
function auditOf(output) {
  try {
    const value = JSON.parse(output.slice(output.indexOf("{"), output.lastIndexOf("}") + 1));
    return value.metadata?.vulnerabilities === undefined ? undefined : value;
  } catch {
    return undefined;
  }
}

/** How it went, as lines and exit status. */
export function verdictOf(output) {
  const audit = auditOf(output);
  if (audit === undefined) {
    const why = output.split("\n").find((line) => /ERR_|error/i.test(line)) ?? "no answer that can be read";
    return { status: notRun, lines: [`Not run: the registry serves no audits here (${why.trim().slice(0, 300)})`] };
  }
  const found = Object.values(audit.advisories ?? {});
  if (found.length === 0) return { status: 0, lines: ["No known vulnerability in what is installed with the product."] };
  return { status: 1, lines: found.map((one) => `${one.severity}: ${one.module_name}: ${one.title} (${one.url})`) };
}

if (process.argv[1] === import.meta.filename) {
  await command(async () => {
    const { output } = await run(["npx", "-y", "pnpm@10", "audit", "--prod", "--json"], { limitSec: 120 });
    const { status, lines } = verdictOf(output);
    for (const line of lines) say(line);
    return status;
  });
}

import { shownRows, summaryLine, tableLines } from "./rows.ts";
import type { ManyRow } from "./rows.ts";

const redrawMs = 500;

/** The table on a terminal, drawn over itself; nothing elsewhere. */
export interface LiveTable {
  stop(): void;
}

export function startLiveTable(rows: readonly ManyRow[], stream: NodeJS.WriteStream = process.stderr): LiveTable | undefined {
  if (!stream.isTTY) return undefined;
  let drawn = 0;
  function draw(): void {
    const lines = [...tableLines(shownRows(rows, stream.rows - 4)), summaryLine(rows)].map((line) =>
      line.slice(0, stream.columns - 1),
    );
    const over = drawn === 0 ? "" : `\u001b[${drawn}A\u001b[J`;
    stream.write(`${over}${lines.join("\n")}\n`);
    drawn = lines.length;
  }
  draw();
  const timer = setInterval(draw, redrawMs);
  return {
    stop() {
      clearInterval(timer);
      draw();
    },
  };
}

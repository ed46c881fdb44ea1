import { shownRows, summaryLine, tableLines } from "./rows.ts";
import type { ManyRow } from "./rows.ts";

const redrawMs = 500;

/** The table on a terminal, drawn over itself; nothing elsewhere. */
export interface LiveTable {
  /** Takes it away: the last one is a result. */
  stop(): void;
}

export function startLiveTable(rows: readonly ManyRow[], stream: NodeJS.WriteStream = process.stderr): LiveTable | undefined {
  if (!stream.isTTY) return undefined;
  let drawn = 0;
  const erase = (): string => (drawn === 0 ? "" : `\u001b[${drawn}A\u001b[J`);
  function draw(): void {
    const lines = [...tableLines(shownRows(rows, stream.rows - 4)), summaryLine(rows)];
    stream.write(`${erase()}${lines.map((line) => line.slice(0, stream.columns - 1)).join("\n")}\n`);
    drawn = lines.length;
  }
  draw();
  const timer = setInterval(draw, redrawMs);
  return {
    stop() {
      clearInterval(timer);
      stream.write(erase());
    },
  };
}

import { readFile, readdir } from "node:fs/promises";
import { repositoryPath } from "@skyscan/testing";

/** What somebody who reads a page may type. */
export interface DocsCommand {
  readonly page: string;
  /** One logical line as on the page, without its comment. */
  readonly line: string;
}

interface Block {
  readonly page: string;
  readonly lines: readonly string[];
}

const fence = /^```(\S*)/;

/** Fenced blocks that name no other language than the shell's, and those that are indented. */
function blocksOf(page: string, text: string): readonly Block[] {
  const blocks: Block[] = [];
  let [open, fenced, shell]: [string[] | undefined, boolean, boolean] = [undefined, false, false];
  let before = "";
  const end = (): void => {
    if (open !== undefined && (!fenced || shell)) blocks.push({ page, lines: open });
    open = undefined;
    fenced = false;
  };
  for (const line of text.split("\n")) {
    const language = fence.exec(line)?.[1];
    if (language !== undefined) {
      const begins = !fenced;
      end();
      if (begins) [open, fenced, shell] = [[], true, ["", "sh"].includes(language)];
    } else if (fenced) open?.push(line);
    else if (/^ {4}\S/.test(line) && (open !== undefined || before === "")) (open ??= []).push(line.slice(4));
    else end();
    before = line;
  }
  return blocks;
}

/** A backslash at its end joins a line with the next one; what stands behind two blanks and a # is for people. */
const commandsOf = (lines: readonly string[]): readonly string[] =>
  lines
    .join("\n")
    .replaceAll(/\s*\\\n\s*/g, " ")
    .split("\n")
    .map((line) => line.replace(/(^|\s+)# .*$/, "").trim())
    .filter((line) => line !== "");

/** The first line of each block that holds no commands. */
export type NotCommands = ReadonlySet<string>;

/** Of README.md and of all pages in docs. `seen` is told the first line of each block that was left out. */
export async function docsCommands(notCommands: NotCommands, seen: (firstLine: string) => void): Promise<readonly DocsCommand[]> {
  const pages = [
    "README.md",
    ...(await readdir(repositoryPath("docs"))).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
  ];
  const found: DocsCommand[] = [];
  for (const page of pages) {
    for (const { lines } of blocksOf(page, await readFile(repositoryPath(page), "utf8"))) {
      const first = (lines[0] ?? "").trim();
      if (notCommands.has(first)) seen(first);
      else found.push(...commandsOf(lines).map((line) => ({ page, line })));
    }
  }
  return found;
}

import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Font files (DejaVu Sans, free licence) of all texts in pictures: the same on every machine, with or without fonts of its own. */
export function fontFiles(): { readonly regular: string; readonly bold: string } {
  const directory = join(dirname(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json")), "ttf");
  return { regular: join(directory, "DejaVuSans.ttf"), bold: join(directory, "DejaVuSans-Bold.ttf") };
}

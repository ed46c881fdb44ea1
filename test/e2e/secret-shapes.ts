import { expect } from "vitest";

/** The ways in which a secret may stand somewhere. */
const shapes = (secret: string): readonly string[] => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
  Buffer.from(secret).toString("base64").replace(/=+$/, ""),
  Buffer.from(secret).toString("hex"),
];

export function expectWithout(secret: string, content: Buffer | string, where: string): void {
  for (const shape of shapes(secret))
    expect(content.includes(shape), `${where} holds the secret as ${shape.slice(0, 3)}…`).toBe(false);
}

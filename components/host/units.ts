import { readFileSync } from "node:fs";

/** Units of systemd on a cloud's machine. */
export const Unit = {
  /** sshd, with its supervisor, as the tunnel user. */
  Bastion: "reverse-bastion.service",
  /** What keeps the machine as the store wants it, as root. */
  Sync: "reverse-bastion-sync.service",
} as const;
export type Unit = (typeof Unit)[keyof typeof Unit];

/** The text of a unit; `@name@` in it is replaced by the value of that name. */
export function renderUnit(unit: Unit, values: Readonly<Record<string, string>> = {}): string {
  return readFileSync(new URL(`./units/${unit}`, import.meta.url), "utf8").replaceAll(/@(\w+)@/g, (placeholder, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${unit}: no value for ${placeholder}`);
    return value;
  });
}

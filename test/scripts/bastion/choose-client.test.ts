import { expect, test } from "vitest";
import { chooseClient } from "../../../scripts/bastion/choose-client.ts";

test.each([
  { clients: ["dc1"], wanted: undefined, chosen: "dc1" },
  { clients: ["dc1", "dr-site"], wanted: "dr-site", chosen: "dr-site" },
])("of $clients, with $wanted named, it is $chosen", ({ clients, wanted, chosen }) => {
  expect(chooseClient(clients, wanted)).toBe(chosen);
});

test.each([
  {
    clients: ["dc1", "dr-site"],
    wanted: undefined,
    exitCode: 2,
    message: "the bastion has several clients; choose one with --client: dc1, dr-site",
  },
  { clients: ["dc1", "dr-site"], wanted: "dc2", exitCode: 3, message: 'there is no client "dc2"; there is: dc1, dr-site' },
  { clients: [], wanted: "dc1", exitCode: 3, message: "the bastion has no clients; write one into the customer's file" },
])("of $clients, with $wanted named, it is nobody", ({ clients, wanted, exitCode, message }) => {
  expect(() => chooseClient(clients, wanted)).toThrow(expect.objectContaining({ exitCode, message }));
});

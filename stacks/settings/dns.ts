import { z } from "zod";
import { text } from "./fields.ts";

/** Where a bastion gets a name. */
export const dnsSettings = z.strictObject({
  zone: text("Zone the record goes into, such as ssh.example.com."),
  zoneId: text("The zone's id, where it cannot be looked up by name.").optional(),
  name: text("Name of the record below the zone. Default: the customer's.").optional(),
});

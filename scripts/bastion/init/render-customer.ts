import { Document, Scalar, visit } from "yaml";
import type { CustomerDraft } from "./customer-draft.ts";

/**
 * Renders a new customer's file, with what its author should know beside it.
 *
 * @param schema where an editor finds the file's schema, relative to the file.
 */
export function renderCustomer(draft: CustomerDraft, schema = "../customer.schema.json"): string {
  const { customer, target, clientCidrs, consumerCidrs, tunnels, clients } = draft;
  const settings = draft[target];
  return `# yaml-language-server: $schema=${schema}
customer: ${renderValue(customer)}
target: ${target}
${settings === undefined || Object.keys(settings).length === 0 ? "" : `${target}: ${renderValue(settings)}\n`}
clientCidrs: ${renderList(clientCidrs)} # who may reach sshd
consumerCidrs: ${renderList(consumerCidrs)} # who may reach bind ports that are not on loopback

# One for each data source. A bindPort that is left out is allocated, and kept.
tunnels:${renderItems(tunnels)}
# Who opens tunnels: the customer's agents. publicKeys are theirs; generateKey has a key pair made.
clients:${renderItems(clients)}`;
}

function renderItems(items: readonly object[]): string {
  return items.length === 0 ? " []\n" : `\n${items.map((item) => `  - ${renderValue(item)}\n`).join("")}`;
}

function renderList(items: readonly string[]): string {
  return renderValue(items, { flowCollectionPadding: false });
}

/** Renders a value on one line. */
function renderValue(value: unknown, options: { readonly flowCollectionPadding?: boolean } = {}): string {
  const document = new Document(value);
  visit(document, {
    Scalar(_key, scalar) {
      if (typeof scalar.value === "string" && /\p{Cc}/u.test(scalar.value)) scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  const oneLine = { lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER } as const;
  return document.toString({ collectionStyle: "flow", ...oneLine, ...options }).trimEnd();
}

import { renderEstuaryTunnel } from "../../../components/kit/estuary-tunnel.ts";
import { renderConsumerEnv, renderNetworkEnv } from "../../../components/kit/platform-env.ts";
import { type PlatformConsumer, type PlatformFacts, platformFacts } from "../../../components/kit/platform-facts.ts";
import { chooseConsumer } from "../choose-client.ts";
import type { StackDescription } from "../parse-outputs.ts";
import { type Emphasize, plain } from "../terminal.ts";
import { renderPlatform } from "./print-consumer.ts";

/** The forms in which the platform's services take their settings. */
export const SETTINGS_FORMATS = ["text", "ssh-config", "estuary", "env"] as const;
export type SettingsFormat = (typeof SETTINGS_FORMATS)[number];

/**
 * Renders what services of the platform set. Nothing in it is secret.
 *
 * @param wanted the one consumer whose settings they are.
 * @throws CommandFailure for a consumer that is not there, and where a format needs one and there are several.
 */
export function renderSettings(
  description: StackDescription,
  format: SettingsFormat,
  wanted: string | undefined,
  emphasize: Emphasize = plain,
): string {
  const facts = factsOf(description, wanted);
  switch (format) {
    case "text":
      return renderPlatform(description.stack, facts, description.generatedKeys.consumers, emphasize);
    case "ssh-config":
      return consumerOf(facts, wanted).sshConfig;
    case "estuary":
      return renderEstuaryTunnel(consumerOf(facts, wanted));
    case "env":
      return wanted === undefined ? renderNetworkEnv(facts.tunnels) : renderConsumerEnv(consumerOf(facts, wanted));
  }
}

/** The same as plain data. */
export function describeSettings(description: StackDescription, wanted: string | undefined) {
  const { stack, bastion, generatedKeys } = description;
  const { tunnels, consumers } = factsOf(description, wanted);
  return {
    stack,
    host: bastion.host,
    sshPort: bastion.sshPort,
    tunnels,
    consumers: consumers.map((consumer) => ({ ...consumer, isKeyGenerated: generatedKeys.consumers.includes(consumer.name) })),
  };
}

/** The consumer that is named, or the only one. */
export function consumerOf({ consumers }: PlatformFacts, wanted: string | undefined): PlatformConsumer {
  const names = consumers.map(({ name }) => name);
  return consumers[names.indexOf(chooseConsumer(names, wanted))] as PlatformConsumer;
}

/** What is of one consumer alone, where one is named. */
function factsOf({ bastion }: StackDescription, wanted: string | undefined): PlatformFacts {
  const facts = platformFacts(bastion);
  return wanted === undefined ? facts : { tunnels: [], consumers: [consumerOf(facts, wanted)] };
}

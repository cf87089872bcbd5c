import { type CheckResult, type DiffResult, type InvokeResult, main, type Provider } from "@pulumi/pulumi/provider/index.js";
import { InvalidInputError } from "../core/problem.ts";
import { bindPortsKind } from "./bind-ports.ts";
import { describeLocalHost } from "./local-host.ts";
import { localSshdKind } from "./local-sshd.ts";
import { type Properties, withoutSecrets } from "./property-values.ts";
import type { ResourceKind } from "./resource-kind.ts";
import { sshKeyPairKind } from "./ssh-key-pair.ts";

const KINDS: Readonly<Record<string, ResourceKind>> = {
  "reverse-bastion:index:SshKeyPair": sshKeyPairKind,
  "reverse-bastion:index:BindPorts": bindPortsKind,
  "reverse-bastion:local:Sshd": localSshdKind,
};

/** Adapts our kinds of resource to the engine's protocol. */
class ReverseBastionProvider implements Provider {
  readonly version = "0.1.0";

  async check(urn: string, former: Properties, inputs: Properties): Promise<CheckResult> {
    const kind = kindOf(urn);
    if (kind.check === undefined) return { inputs };
    const checked = kind.check(inputs, plain(former));
    return { inputs: checked.inputs, failures: checked.problems.map(({ path, reason }) => ({ property: path, reason })) };
  }

  async diff(_id: string, urn: string, state: Properties, inputs: Properties): Promise<DiffResult> {
    const { changed, replaces = [], deleteBeforeReplace = false } = kindOf(urn).diff(plain(state), plain(inputs));
    return { changes: changed, replaces: [...replaces], deleteBeforeReplace };
  }

  async create(urn: string, inputs: Properties) {
    const { id, state } = await kindOf(urn).create(plain(inputs));
    return { id, outs: state };
  }

  async read(id: string, urn: string, state: Properties) {
    const kind = kindOf(urn);
    const found = kind.read === undefined ? state : await kind.read(plain(state));
    return found === undefined ? { id: "", props: {} } : { id, props: found };
  }

  async update(_id: string, urn: string, state: Properties, inputs: Properties) {
    const { update } = kindOf(urn);
    return { outs: update === undefined ? state : await update(plain(state), plain(inputs)) };
  }

  async delete(_id: string, urn: string, state: Properties): Promise<void> {
    await kindOf(urn).delete?.(plain(state));
  }

  async invoke(token: string, inputs: Properties): Promise<InvokeResult> {
    if (token !== "reverse-bastion:local:getHost") throw new Error(`unknown function ${token}`);
    try {
      return { outputs: await describeLocalHost(plain(inputs)) };
    } catch (error) {
      if (error instanceof InvalidInputError) return { failures: error.problems.map(({ path, reason }) => ({ property: path, reason })) };
      throw error;
    }
  }
}

function kindOf(urn: string): ResourceKind {
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
  if (kind === undefined) throw new Error(`unknown resource type ${type}`);
  return kind;
}

function plain(properties: Properties): Properties {
  return withoutSecrets(properties) as Properties;
}

await main(new ReverseBastionProvider(), process.argv.slice(2));

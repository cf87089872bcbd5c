import { createHash } from "node:crypto";
import { recordsOf, text } from "../../world/records.ts";
import type { WorldRecord, WorldState } from "../../world/world.ts";
import { TYPE } from "../control-plane/types.ts";
import { isAllowed } from "./access-policy.ts";
import type { DeclaredInstance } from "./declared-instance.ts";
import { ServiceError } from "./service-error.ts";

const MOST_NAMES = 10;
/** AWS's own key: whoever may read the parameter may have it decrypted. */
const DEFAULT_KEY = "alias/aws/ssm";

/** Who asks, in which role. */
export interface Caller {
  readonly instance: DeclaredInstance;
  readonly roleName: string;
}

/** Answers a call of SSM's Parameter Store: `operation` as in `AmazonSSM.GetParameters`. */
export function callParameterStore(state: WorldState, caller: Caller, operation: string, input: WorldRecord): WorldRecord {
  const { region, accountId } = caller.instance;
  const arnOf = (name: string) => `arn:aws:ssm:${region}:${accountId}:parameter/${name.replace(/^\//, "")}`;
  const authorise = (action: string, resource: string) => {
    if (isAllowed(state, caller.roleName, action, resource)) return;
    const user = `arn:aws:sts::${accountId}:assumed-role/${caller.roleName}/${caller.instance.id}`;
    throw new ServiceError(
      "AccessDeniedException",
      `User: ${user} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
    );
  };
  const parameters = recordsOf(state, TYPE.parameter).map(([, record]) => record);
  const find = (name: string) => parameters.find((parameter) => parameter.name === name);
  const render = (parameter: WorldRecord): WorldRecord => {
    const name = String(parameter.name);
    const isSecret = parameter.type === "SecureString";
    const key = text(parameter, "keyId") ?? DEFAULT_KEY;
    const decrypts = isSecret && input.WithDecryption === true;
    if (decrypts && key !== DEFAULT_KEY) authorise("kms:Decrypt", key);
    return {
      ARN: arnOf(name),
      DataType: "text",
      LastModifiedDate: Date.now() / 1000,
      Name: name,
      Type: parameter.type,
      Value: isSecret && !decrypts ? cipher(String(parameter.value)) : parameter.value,
      Version: Number(parameter.version ?? 1),
    };
  };

  switch (operation) {
    case "GetParameters": {
      const names = namesOf(input);
      for (const name of names) authorise("ssm:GetParameters", arnOf(name));
      const found = names.map(find).filter((parameter) => parameter !== undefined);
      return { Parameters: found.map(render), InvalidParameters: names.filter((name) => find(name) === undefined) };
    }
    case "GetParameter": {
      const name = String(input.Name);
      authorise("ssm:GetParameter", arnOf(name));
      const parameter = find(name);
      if (parameter === undefined) throw new ServiceError("ParameterNotFound", "");
      return { Parameter: render(parameter) };
    }
    case "GetParametersByPath": {
      const path = String(input.Path).replace(/\/?$/, "/");
      authorise("ssm:GetParametersByPath", arnOf(path).replace(/\/$/, ""));
      const isBelow = (name: string) => name.startsWith(path) && (input.Recursive === true || !name.slice(path.length).includes("/"));
      return { Parameters: parameters.filter(({ name }) => isBelow(String(name))).map(render) };
    }
    default:
      throw new ServiceError("UnknownOperationException", "");
  }
}

function namesOf(input: WorldRecord): string[] {
  const names = Array.isArray(input.Names) ? input.Names.map(String) : [];
  if (names.length < 1 || names.length > MOST_NAMES)
    throw new ServiceError(
      "ValidationException",
      `1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length less than or equal to ${MOST_NAMES}`,
    );
  if (new Set(names).size < names.length) throw new ServiceError("ValidationException", "Names must not be given twice");
  return names;
}

/** What stands in for the encrypted value, of which nothing but that it is no help is known to a caller. */
function cipher(value: string): string {
  return createHash("sha512").update(value).digest("base64");
}

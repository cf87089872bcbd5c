import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { properties, struct } from "../../plugin/properties.ts";
import { propertyDiff } from "../../plugin/property-diff.ts";
import { answer, servePlugin } from "../../plugin/serve-plugin.ts";
import type { Properties } from "../../plugin/values.ts";
import type { CloudProvider, Planned } from "./cloud-provider.ts";
import { topLevel } from "./conventions.ts";
import type { Difference } from "./difference.ts";
import type { PropertyProblem } from "./property.ts";

/** Serves a stand-in cloud's provider to the engine. */
export async function serve<Context>(served: CloudProvider<Context>): Promise<void> {
  await servePlugin(served.cloud.version, methodsOf(served));
}

function methodsOf<Context>(served: CloudProvider<Context>): UntypedServiceImplementation {
  return {
    cancel: answer(() => new empty.Empty()),

    checkConfig: answer((request: provider.CheckRequest) =>
      checked(properties(request.getNews()), served.cloud.checkConfig(properties(request.getNews()))),
    ),

    diffConfig: answer((request: provider.DiffRequest) => {
      const [before, after] = [properties(request.getOldInputs() ?? request.getOlds()), properties(request.getNews())];
      const changed = served.cloud.replacingVariables.filter((name) => before[name] !== after[name]);
      return planned({ differences: changed.map((path) => ({ path, replaces: true })), deleteBeforeReplace: false, namesParts: false });
    }),

    configure: answer((request: provider.ConfigureRequest) => {
      served.configure(properties(request.getArgs()));
      const accepted = new provider.ConfigureResponse();
      accepted.setAcceptsecrets(true);
      accepted.setSupportspreview(true);
      return accepted;
    }),

    check: answer((request: provider.CheckRequest) => {
      const { inputs, problems } = served.check(
        request.getUrn(),
        properties(request.getOlds()),
        properties(request.getNews()),
        request.getRandomseed_asU8(),
      );
      return checked(inputs, problems);
    }),

    diff: answer((request: provider.DiffRequest) => {
      const former = { inputs: properties(request.getOldInputs()), state: properties(request.getOlds()) };
      return planned(served.diff(request.getUrn(), former, properties(request.getNews()), request.getIgnorechangesList()));
    }),

    create: answer(async (request: provider.CreateRequest) => {
      const { id, state } = await served.create(request.getUrn(), properties(request.getProperties()), request.getPreview());
      const created = new provider.CreateResponse();
      created.setId(id);
      created.setProperties(struct(state));
      return created;
    }),

    read: answer(async (request: provider.ReadRequest) => {
      const found = await served.read(
        request.getUrn(),
        request.getId(),
        properties(request.getProperties()),
        properties(request.getInputs()),
      );
      const read = new provider.ReadResponse();
      if (found === undefined) return read;
      read.setId(request.getId());
      read.setProperties(struct(found.state));
      read.setInputs(struct(found.inputs));
      return read;
    }),

    update: answer(async (request: provider.UpdateRequest) => {
      const state = await served.update(
        request.getUrn(),
        request.getId(),
        { inputs: properties(request.getOldInputs()), state: properties(request.getOlds()) },
        properties(request.getNews()),
        request.getIgnorechangesList(),
        request.getPreview(),
      );
      const updated = new provider.UpdateResponse();
      updated.setProperties(struct(state));
      return updated;
    }),

    delete: answer(async (request: provider.DeleteRequest) => {
      await served.delete(request.getUrn(), request.getId());
      return new empty.Empty();
    }),

    invoke: answer(async (request: provider.InvokeRequest) => {
      const { outputs, problems } = await served.invoke(request.getTok(), properties(request.getArgs()));
      const invoked = new provider.InvokeResponse();
      invoked.setReturn(struct(outputs));
      invoked.setFailuresList(problems.map(failure));
      return invoked;
    }),
  };
}

function checked(inputs: Properties, problems: readonly PropertyProblem[]): provider.CheckResponse {
  const response = new provider.CheckResponse();
  response.setInputs(struct(inputs));
  response.setFailuresList(problems.map(failure));
  return response;
}

function planned({ differences, deleteBeforeReplace, namesParts }: Planned): provider.DiffResponse {
  const response = new provider.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
  response.setChanges(differences.length === 0 ? DIFF_NONE : DIFF_SOME);
  response.setDiffsList(keys(differences));
  response.setReplacesList(keys(differences.filter(({ replaces }) => replaces)));
  response.setDeletebeforereplace(deleteBeforeReplace);
  response.setHasdetaileddiff(namesParts);
  if (namesParts)
    for (const { path, change = "update", replaces } of differences)
      response.getDetaileddiffMap().set(path, propertyDiff(change, replaces, true));
  return response;
}

function keys(differences: readonly Difference[]): string[] {
  return [...topLevel(differences)];
}

function failure({ property, reason }: PropertyProblem): provider.CheckFailure {
  const one = new provider.CheckFailure();
  one.setProperty(property);
  one.setReason(reason);
  return one;
}

import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { properties, struct } from "../plugin/properties.ts";
import { propertyDiff } from "../plugin/property-diff.ts";
import { answer, servePlugin } from "../plugin/serve-plugin.ts";
import type { KubernetesProvider } from "./kubernetes-provider.ts";
import type { Difference } from "./object/difference.ts";

const VERSION = "4.34.2";

/** Serves the provider to the engine. */
export async function serve(served: KubernetesProvider): Promise<void> {
  await servePlugin(VERSION, { ...configurationMethods(served), ...resourceMethods(served) });
}

function configurationMethods(served: KubernetesProvider): UntypedServiceImplementation {
  return {
    cancel: answer(() => {
      served.cancel();
      return new empty.Empty();
    }),

    checkConfig: answer((request: provider.CheckRequest) => {
      const checked = new provider.CheckResponse();
      checked.setInputs(request.getNews());
      return checked;
    }),

    diffConfig: answer((request: provider.DiffRequest) => {
      const before = properties(request.getOldInputs() ?? request.getOlds());
      const { changed, replacing } = served.diffConfig(before, properties(request.getNews()));
      const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
      const planned = new provider.DiffResponse();
      planned.setChanges(changed.length === 0 ? DIFF_NONE : DIFF_SOME);
      planned.setDiffsList([...changed]);
      planned.setReplacesList([...replacing]);
      return planned;
    }),

    configure: answer(async (request: provider.ConfigureRequest) => {
      await served.configure(properties(request.getArgs()));
      const accepted = new provider.ConfigureResponse();
      accepted.setAcceptsecrets(true);
      accepted.setSupportspreview(true);
      accepted.setSupportsAutonamingConfiguration(true);
      return accepted;
    }),
  };
}

function resourceMethods(served: KubernetesProvider): UntypedServiceImplementation {
  return {
    check: answer(async (request: provider.CheckRequest) => {
      const asked = { urn: request.getUrn(), former: properties(request.getOlds()), given: properties(request.getNews()) };
      const checked = new provider.CheckResponse();
      checked.setInputs(struct(await served.check({ ...asked, ...namingOf(request) })));
      return checked;
    }),

    diff: answer(async (request: provider.DiffRequest) => {
      const { differences, deleteBeforeReplace } = await served.diff({
        urn: request.getUrn(),
        former: properties(request.getOlds()),
        asked: properties(request.getNews()),
        ignored: request.getIgnorechangesList(),
      });
      return planned(differences, deleteBeforeReplace);
    }),

    create: answer(async (request: provider.CreateRequest) => {
      const { id, state } = await served.create({
        urn: request.getUrn(),
        asked: properties(request.getProperties()),
        timeoutSeconds: request.getTimeout(),
        isPreview: request.getPreview(),
      });
      const created = new provider.CreateResponse();
      created.setId(id);
      created.setProperties(struct(state));
      return created;
    }),

    read: answer(async (request: provider.ReadRequest) => {
      const found = await served.read({
        urn: request.getUrn(),
        id: request.getId(),
        former: properties(request.getProperties()),
        inputs: properties(request.getInputs()),
      });
      const read = new provider.ReadResponse();
      if (found === undefined) return read;
      read.setId(found.id);
      read.setProperties(struct(found.state));
      read.setInputs(struct(found.inputs));
      return read;
    }),

    update: answer(async (request: provider.UpdateRequest) => {
      const updated = new provider.UpdateResponse();
      const state = await served.update({
        urn: request.getUrn(),
        former: properties(request.getOlds()),
        asked: properties(request.getNews()),
        ignored: request.getIgnorechangesList(),
        timeoutSeconds: request.getTimeout(),
        isPreview: request.getPreview(),
      });
      updated.setProperties(struct(state));
      return updated;
    }),

    delete: answer(async (request: provider.DeleteRequest) => {
      const former = properties(request.getProperties());
      await served.delete({ urn: request.getUrn(), id: request.getId(), former, timeoutSeconds: request.getTimeout() });
      return new empty.Empty();
    }),
  };
}

function namingOf(request: provider.CheckRequest): {
  readonly seed: Uint8Array;
  readonly proposedName?: string;
  readonly mustBeNamed: boolean;
} {
  const seed = request.getRandomseed_asU8();
  const autonaming = request.getAutonaming();
  if (autonaming === undefined) return { seed, mustBeNamed: false };
  if (autonaming.getMode() === provider.CheckRequest.AutonamingOptions.Mode.DISABLE) return { seed, mustBeNamed: true };
  return { seed, mustBeNamed: false, proposedName: autonaming.getProposedName() };
}

function planned(differences: readonly Difference[], deleteBeforeReplace: boolean): provider.DiffResponse {
  const response = new provider.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
  response.setChanges(differences.length === 0 ? DIFF_NONE : DIFF_SOME);
  response.setReplacesList(differences.filter(({ replaces }) => replaces).map(({ path }) => path));
  response.setDeletebeforereplace(deleteBeforeReplace);
  response.setHasdetaileddiff(true);
  const detailed = response.getDetaileddiffMap();
  for (const { path, change, replaces } of differences) detailed.set(path, propertyDiff(change, replaces, change === "delete"));
  return response;
}

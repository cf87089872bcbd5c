import grpc from "@grpc/grpc-js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import status from "@pulumi/pulumi/proto/status_pb.js";
import any from "google-protobuf/google/protobuf/any_pb.js";
import { struct } from "./properties.ts";
import { UnfinishedError } from "./unfinished-error.ts";

/** An error on the wire. The engine takes from its details what was made all the same. */
export function asServiceError(error: unknown): grpc.ServiceError {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new grpc.Metadata();
  if (error instanceof UnfinishedError) metadata.add("grpc-status-details-bin", detailsOf(error));
  return Object.assign(new Error(message), { code: grpc.status.UNKNOWN, details: message, metadata });
}

function detailsOf({ message, unfinished: { id, state, inputs, reasons = [] } }: UnfinishedError): Buffer {
  const failed = new provider.ErrorResourceInitFailed();
  failed.setId(id);
  failed.setProperties(struct(state));
  if (inputs !== undefined) failed.setInputs(struct(inputs));
  failed.setReasonsList([message, ...reasons]);
  const detail = new any.Any();
  detail.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const whole = new status.Status();
  whole.setCode(grpc.status.UNKNOWN);
  whole.setMessage(message);
  whole.addDetails(detail);
  return Buffer.from(whole.serializeBinary());
}

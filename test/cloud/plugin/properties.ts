import structs from "google-protobuf/google/protobuf/struct_pb.js";
import type { Properties } from "./values.ts";

/** Properties as they come from the engine. */
export function properties(value: structs.Struct | undefined): Properties {
  return (value?.toJavaScript() ?? {}) as Properties;
}

/** Properties as they go to the engine. */
export function struct(value: Properties): structs.Struct {
  return structs.Struct.fromJavaScript(value as Record<string, structs.JavaScriptValue>);
}

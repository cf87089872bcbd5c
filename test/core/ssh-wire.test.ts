import fc from "fast-check";
import { expect, test } from "vitest";
import { mpint, uint32, WireReader, wireFields } from "../../components/core/ssh-wire.ts";

test("a number takes four bytes, most significant first", () => {
  expect([...uint32(0)]).toEqual([0, 0, 0, 0]);
  expect([...uint32(0x01020304)]).toEqual([1, 2, 3, 4]);
  expect([...uint32(2 ** 32 - 1)]).toEqual([255, 255, 255, 255]);
});

test("fields stand one after the other, each behind its length", () => {
  expect([...wireFields("ab", Buffer.alloc(0), Buffer.of(7))]).toEqual([0, 0, 0, 2, 0x61, 0x62, 0, 0, 0, 0, 0, 0, 0, 1, 7]);
});

// The examples of RFC 4251 §5, and both edges of the sign bit.
test.each([
  ["", ""],
  ["00", ""],
  ["0000", ""],
  ["01", "01"],
  ["7f", "7f"],
  ["80", "0080"],
  ["00ff", "00ff"],
  ["0000ff", "00ff"],
  ["007f", "7f"],
  ["09a378f9b2e332a7", "09a378f9b2e332a7"],
])("the integer %s is written as %s", (magnitude, written) => {
  expect(mpint(Buffer.from(magnitude, "hex")).toString("hex")).toBe(written);
});

test("what is written is read again, field by field, and nothing more", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (fields) => {
      const reader = new WireReader(wireFields(...fields.map((field) => Buffer.from(field))));
      for (const field of fields) expect([...(reader.next() ?? [])]).toEqual([...field]);
      expect([reader.isAtEnd, reader.next()]).toEqual([true, undefined]);
    }),
  );
});

test("a blob that ends inside of a field gives nothing of it, and is never at its end", () => {
  const whole = wireFields("abc", "de");
  for (let length = 1; length < whole.length; length += 1) {
    const reader = new WireReader(whole.subarray(0, length));
    const fields = [reader.next(), reader.next(), reader.next()].map((field) => field?.toString());
    expect(fields).toEqual([length < 7 ? undefined : "abc", undefined, undefined]);
    expect(reader.isAtEnd).toBe(length === 7);
  }
});

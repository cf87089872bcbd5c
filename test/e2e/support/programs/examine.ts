import { readFileSync } from "node:fs";
import type { BastionDescription } from "../../../../components/core/describe-bastion.ts";
import { examineBastion } from "../../../../scripts/bastion/doctor/examine.ts";
import { describeReport } from "../../../../scripts/bastion/doctor/report.ts";

// examine.ts DESCRIPTION [IDENTITY]: what `bastion doctor --json` prints of a bastion that a file describes.
const [file = "", identityFile] = process.argv.slice(2);
const bastion = JSON.parse(readFileSync(file, "utf8")) as BastionDescription;
const options = { identityFile, folder: process.cwd(), interruption: new AbortController().signal };
process.stdout.write(JSON.stringify(describeReport(await examineBastion("acme", bastion, options))));

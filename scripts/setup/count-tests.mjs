// count-tests.mjs REPORT VITEST-STATUS CHECK-STATUS
// Prints `N passed, N failed, N skipped` from vitest's JSON report and exits with the status of the whole
// run. What fails outside a test counts as one failure: lint and types, a file that cannot be loaded, an
// unhandled error, a crash that leaves no report.
import { readFileSync } from "node:fs";
import process from "node:process";

const [reportFile, vitestText, checkText] = process.argv.slice(2);
const vitestStatus = Number(vitestText);
const checkStatus = Number(checkText);

const count = countTests(readReport(reportFile));
if (vitestStatus !== 0 && count.failed === 0) count.failed = 1;
if (checkStatus !== 0) count.failed += 1;

process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
process.exitCode = vitestStatus || checkStatus || (count.failed > 0 ? 1 : 0);

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function countTests(report) {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const unloadable = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.every(({ status }) => status !== "failed"),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloadable.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

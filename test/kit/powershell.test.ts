import { beforeAll, describe, expect, test } from "vitest";
import { CUSTOMER_DIAGNOSES, SSH_MESSAGES } from "../../components/kit/doctor/customer-diagnoses.ts";
import { CERTIFICATE_LINES, SSH_LINES } from "../../components/kit/doctor/ssh-log.ts";
import { renderPowerShellDoctorFile } from "../../components/kit/doctor-powershell-file.ts";
import { kitFacts } from "../../components/kit/kit-facts.ts";
import { contentOf, describeWithCertificates, exampleDescription, exampleKit } from "./example-kit.ts";
import { openPowerShellReader, type PowerShellScript } from "./powershell-script.ts";

const INSTALLER = contentOf(exampleKit(), "windows/install-tunnel.ps1");
const DOCTOR = contentOf(exampleKit(), "doctor.ps1");
const SHELL_DOCTOR = contentOf(exampleKit(), "doctor.sh");

/** The same of a client with authorities. */
const SIGNED_KIT = exampleKit("dr-site", describeWithCertificates(["SHA256:b", "SHA256:c"], ["dr-site", "x@y"]));
const SIGNED_DOCTOR = contentOf(SIGNED_KIT, "doctor.ps1");

/** Functions that are there with an authority only, and are called under that condition. */
const OF_CERTIFICATES = ["Assert-Certificate", "Assert-Extension"];

/** Cmdlets of Windows PowerShell 5.1 and of 7, with those of their parameters that the scripts use. */
const CMDLETS: Readonly<Record<string, readonly string[]>> = {
  "ConvertTo-Json": ["Compress", "Depth"],
  "ForEach-Object": [],
  "Get-Acl": ["LiteralPath"],
  "Get-CimInstance": ["ClassName", "Filter"],
  "Get-Command": ["Name", "CommandType", "ErrorAction"],
  "Get-Date": [],
  "Get-NetTCPConnection": ["RemoteAddress", "RemotePort", "State", "ErrorAction"],
  "Get-Process": ["Id", "ErrorAction"],
  "Get-ScheduledTask": ["TaskName", "ErrorAction"],
  "Join-Path": [],
  "New-Item": ["ItemType", "Force", "Path"],
  "New-ScheduledTaskAction": ["Execute", "WorkingDirectory", "Argument"],
  "New-ScheduledTaskPrincipal": ["UserId", "LogonType", "RunLevel"],
  "New-ScheduledTaskSettingsSet": [
    "MultipleInstances",
    "ExecutionTimeLimit",
    "AllowStartIfOnBatteries",
    "DontStopIfGoingOnBatteries",
    "StartWhenAvailable",
  ],
  "New-ScheduledTaskTrigger": ["AtStartup", "Once", "At", "RepetitionInterval"],
  "New-TimeSpan": ["Minutes"],
  "Out-Null": [],
  "Pop-Location": [],
  "Push-Location": ["LiteralPath"],
  "Register-ScheduledTask": ["TaskName", "Action", "Trigger", "Principal", "Settings", "Description"],
  "Remove-Item": ["LiteralPath", "Recurse", "Force", "ErrorAction"],
  "Select-Object": ["First", "Last", "Unique", "ExpandProperty"],
  "Set-StrictMode": ["Version"],
  "Split-Path": ["Parent"],
  "Start-ScheduledTask": ["TaskName"],
  "Start-Sleep": ["Milliseconds"],
  "Stop-ScheduledTask": ["TaskName"],
  "Test-Path": ["LiteralPath", "PathType"],
  "Unregister-ScheduledTask": ["TaskName", "Confirm"],
  "Where-Object": [],
  "Write-Output": [],
  "Write-Verbose": [],
};

let readScript: (text: string) => PowerShellScript;
beforeAll(async () => {
  readScript = await openPowerShellReader();
});

describe.each([
  { name: "windows/install-tunnel.ps1", text: INSTALLER, missing: [] },
  { name: "doctor.ps1", text: DOCTOR, missing: OF_CERTIFICATES },
  { name: "doctor.ps1 of a client with an authority", text: SIGNED_DOCTOR, missing: [] },
])("$name, read and not run", ({ text, missing }) => {
  test("is one that Windows PowerShell 5.1 reads", () => {
    expect(readScript(text).hasError).toBe(false);
  });

  test("would not be with a brace less, nor with an operator of 7", () => {
    expect(readScript(text.replace(/\}\n/, "\n")).hasError).toBe(true);
    for (const line of ["$a = $b ? 1 : 2", "$a = $b ?? 1", "Get-Date && Get-Date", "$b?.Length"])
      expect(readScript(`${text}${line}\n`).hasError, line).toBe(true);
  });

  test("reads no variable that has no value there", () => {
    expect(readScript(text).unassigned).toEqual([]);
    expect(readScript(`${text}function Get-Nothing { $nothing }\n`).unassigned).toEqual(["$nothing"]);
  });

  test("calls what there is, with what it takes", () => {
    const { calls, functions } = readScript(text);
    const wrong = calls.filter(({ command, parameters, positional }) => {
      const own = functions.get(command.toLowerCase());
      const known = CMDLETS[command];
      return own === undefined
        ? known === undefined || parameters.some((one) => !known.includes(one.replace(/:.*/, "")))
        : positional.length > own;
    });
    expect(wrong.map(({ command }) => command)).toEqual(missing);
    expect(calls.length).toBeGreaterThan(50);
  });
});

test("the cmdlets that are known are those that are used", () => {
  const calls = [INSTALLER, DOCTOR, SIGNED_DOCTOR].flatMap((text) => readScript(text).calls);
  const used = Object.keys(CMDLETS).map((name) => {
    const parameters = calls.filter(({ command }) => command === name).flatMap((call) => call.parameters);
    return [name, [...new Set(parameters.map((one) => one.replace(/:.*/, "")))].sort()];
  });
  expect(Object.fromEntries(used)).toEqual(
    Object.fromEntries(Object.entries(CMDLETS).map(([name, parameters]) => [name, parameters.toSorted()])),
  );
});

describe("doctor.ps1 and doctor.sh", () => {
  const allIds = Object.keys(CUSTOMER_DIAGNOSES).sort();
  const ofMessages = SSH_MESSAGES.map(([, diagnosis]) => diagnosis);
  const isId = (text: string) => Object.hasOwn(CUSTOMER_DIAGNOSES, text);

  test.each([
    { kit: "a client with an authority", doctor: SIGNED_DOCTOR, shellDoctor: contentOf(SIGNED_KIT, "doctor.sh"), ids: allIds },
    {
      kit: "another client",
      doctor: DOCTOR,
      shellDoctor: SHELL_DOCTOR,
      ids: allIds.filter((id) => !id.startsWith("certificate-")),
    },
  ])("name the same faults, all there are, in the kit of $kit", ({ doctor, shellDoctor, ids }) => {
    const named = [...shellDoctor.matchAll(/\b(?:found |diagnosis=)([a-z][\w-]+)/g)].map(([, id = ""]) => id);
    expect([...new Set([...named, ...ofMessages])].sort()).toEqual(ids);
    const decisions = doctor.slice(doctor.indexOf("$OnWindows ="));
    expect([...new Set([...readScript(decisions).texts.filter(isId), ...ofMessages])].sort()).toEqual(ids);
  });

  test("look at a certificate in the same order", () => {
    const { calls } = readScript(SIGNED_DOCTOR);
    const stopsOf = (within: string): string[] =>
      calls
        .filter((call) => call.within === within)
        .flatMap(({ command, positional }) =>
          command === "Stop-Walk" ? (positional[0]?.slice(1, -1) ?? []) : stopsOf(command.toLowerCase()),
        );
    const inShell = [...contentOf(SIGNED_KIT, "doctor.sh").matchAll(/\bfound (certificate-[\w-]+)/g)].map(([, id]) => id);
    const stops = [...stopsOf("assert-certificate"), ...stopsOf("assert-extension").slice(-1)];
    expect(stops).toEqual([
      "certificate-missing",
      "certificate-damaged",
      "certificate-damaged",
      "certificate-wrong-key",
      "certificate-wrong-authority",
      "certificate-wrong-principal",
      "certificate-not-yet-valid",
      "certificate-expired",
      "certificate-refused",
      "certificate-no-forwarding",
    ]);
    expect(stops).toEqual(inShell);
  });

  test("stop only at faults that there are", () => {
    const { calls } = readScript(SIGNED_DOCTOR);
    const stops = calls.filter(({ command }) => command === "Stop-Walk").map(({ positional }) => positional[0] ?? "");
    expect(stops.length).toBeGreaterThan(20);
    expect(stops.filter((one) => !isId(one.slice(1, -1)))).toEqual([
      "$Diagnosis",
      '(Get-MessageDiagnosis "banner line 0: $($outcome.Text)")',
      "$diagnosis",
    ]);
  });

  test("take the same steps in the same order", () => {
    const { calls } = readScript(DOCTOR);
    const stepsOf = (within: string): string[] =>
      calls
        .filter((call) => call.within === within)
        .flatMap(({ command, positional }) => (command === "Add-Step" ? [positional[0] ?? ""] : stepsOf(command.toLowerCase())));
    const steps = ["files", "name", "tcp", "banner", "host key", "login", "bind", "data source"];
    expect([...new Set(stepsOf(""))]).toEqual(steps.map((step) => `'${step}'`));
    const shellSteps = [...SHELL_DOCTOR.matchAll(/\bpassed '?([a-z]+(?: [a-z]+(?='))?)/g)].map(([, step = ""]) => step);
    expect(new Set(shellSteps)).toEqual(new Set(steps));
  });

  test("answer a program with the same fields", () => {
    const fieldsOf = (text: string, field: RegExp) => [...text.matchAll(field)].map(([, name]) => name);
    const [healthy = "", faulty = ""] = [...SHELL_DOCTOR.matchAll(/printf '\{"healthy".*/g)].map(([line]) => line);
    const documents = [...DOCTOR.matchAll(/\[ordered\]@\{([^}]*)\} \| ConvertTo-Json/g)].map(([, body = ""]) =>
      fieldsOf(body, /(\w+) = /g),
    );
    expect(documents).toEqual([fieldsOf(healthy, /"(\w+)":/g), fieldsOf(faulty, /"(\w+)":/g)]);
  });

  test("end with the same codes", () => {
    const codes = [...DOCTOR.matchAll(/^ {4}(?:'(\w+)'|(default)) \{ (\d+), /gm)].map(([, side, other, code]) => [
      side ?? other,
      Number(code),
    ]);
    expect(codes).toEqual([
      ["customer", 10],
      ["platform", 11],
      ["default", 12],
    ]);
    expect([...SHELL_DOCTOR.matchAll(/^ {2}(\S+)\) code=(\d+)/gm)].map(([, side, code]) => [side, Number(code)])).toEqual([
      ["customer", 10],
      ["platform", 11],
      ["*", 12],
    ]);
  });
});

describe("doctor.ps1", () => {
  test("looks for every line of the table, and for no other", () => {
    const used = [...DOCTOR.matchAll(/\$Lines\.(\w+)/g)].map(([, name]) => name);
    expect([...new Set(used)].sort()).toEqual(Object.keys(SSH_LINES).sort());
    const ofCertificates = [...SIGNED_DOCTOR.matchAll(/\$CertificateLines\.(\w+)/g)].map(([, name]) => name);
    expect([...new Set(ofCertificates)].sort()).toEqual(Object.keys(CERTIFICATE_LINES).sort());
  });

  test("knows of certificates where the client has an authority, and nothing of them elsewhere", () => {
    expect(SIGNED_DOCTOR).toContain("\n$Authorities = @('SHA256:b', 'SHA256:c')\n");
    expect(SIGNED_DOCTOR).toContain("\n$Principals = @('dr-site', 'x@y')\n");
    expect(SIGNED_DOCTOR).toContain("\n    $start.EnvironmentVariables['TZ'] = 'UTC0'\n");
    const { functions } = readScript(DOCTOR);
    expect([...readScript(SIGNED_DOCTOR).functions.keys()].filter((name) => !functions.has(name))).toEqual([
      "get-keycertificate",
      "assert-certificate",
      "assert-principal",
      "assert-validity",
      "assert-extension",
    ]);
    expect(DOCTOR).toContain("\n$Authorities = @()\n");
    expect(DOCTOR).not.toContain("CertificateLines");
    for (const name of OF_CERTIFICATES) {
      expect(DOCTOR.split(name)).toHaveLength(2);
      expect(DOCTOR).toContain(`if ($Authorities.Count -gt 0) { ${name} }\n`);
    }
  });

  test("has what is said of a fault, and the table of lines, as texts that stand for themselves", () => {
    const { texts } = readScript(SIGNED_DOCTOR);
    for (const { source } of Object.values({ ...SSH_LINES, ...CERTIFICATE_LINES })) expect(texts).toContain(source);
    for (const [text] of SSH_MESSAGES) expect(texts).toContain(text);
    expect(texts).toContain("Put the key beside doctor.ps1, as dr-site.key.");
    expect(texts).toContain("Run ssh -v -N -T -F ssh_config bastion, and send the platform what it prints.");
    expect(texts).toContain("This OpenSSH is too old for the bastion's keys and ciphers.");
  });

  test("and so has whatever a kit is made of", () => {
    const nasty = `a'b\u2019c$(Get-Date)\`n"d;}@{`;
    const facts = kitFacts({ customer: "acme", description: exampleDescription(), client: "dr-site" });
    const { content } = renderPowerShellDoctorFile({
      ...facts,
      host: nasty,
      user: nasty,
      keyFile: nasty,
      fingerprints: [nasty, nasty],
      certificates: { authorities: [nasty], principals: [nasty] },
    });
    const { hasError, texts, calls } = readScript(content);
    expect(hasError).toBe(false);
    expect(texts.filter((text) => text.includes(nasty)).slice(0, 6)).toEqual([
      nasty,
      `${nasty} port 2222`,
      `${nasty}@${nasty}`,
      nasty,
      nasty,
      nasty,
    ]);
    expect(calls.length).toBe(readScript(SIGNED_DOCTOR).calls.length);
  });
});

// run-group.mjs [--stall SECONDS FOLDER] PROGRAM ARGUMENT…
// Runs a program in a process group of its own and ends the whole group when this process is told to end,
// or when FOLDER has not grown for SECONDS. The exit code is the program's; 124 after a stall.
import { spawn } from "node:child_process";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";

const args = process.argv.slice(2);
let stall;
if (args[0] === "--stall") {
  stall = { seconds: Number(args[1]), folder: args[2] };
  args.splice(0, 3);
}

const [program, ...programArgs] = args;
const child = spawn(program, programArgs, { detached: true, stdio: "inherit" });
let stalled = false;

function endGroup(signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // Gone already; macOS says EPERM of a group of zombies.
    if (error.code !== "ESRCH" && error.code !== "EPERM") throw error;
  }
}

for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"]) {
  process.on(signal, () => endGroup(signal));
}
child.on("error", (error) => {
  process.stderr.write(`${program}: ${error.message}\n`);
  process.exit(127);
});
child.on("exit", (code, signal) => {
  // What the program started must not outlive it.
  if (signal !== null) endGroup("SIGKILL");
  process.exit(stalled ? 124 : (code ?? 1));
});

if (stall !== undefined) watchGrowth(stall);

async function watchGrowth({ seconds, folder }) {
  let size = -1;
  let quietSince = Date.now();
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const newSize = await folderSize(folder);
    if (newSize !== size) {
      size = newSize;
      quietSince = Date.now();
    } else if (Date.now() - quietSince >= seconds * 1000) {
      process.stderr.write(`No progress for ${seconds} s, given up.\n`);
      stalled = true;
      endGroup("SIGTERM");
      return;
    }
  }
}

/** The bytes in all files below a folder. Files that come and go meanwhile count as nothing. */
async function folderSize(folder) {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      lstat(join(folder, name)).then(
        (status) => status.size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

import { spawn, type ChildProcess } from "node:child_process";

/**
 * A shell that outlives this process by a moment: it reads what to clean up from a pipe and acts when the pipe closes, however
 * this process ended (return, exit, signal, SIGKILL). No signal handlers here, so nobody's own are disturbed.
 */
const SCRIPT = `
set -f
groups=' '
dirs=
newline='
'
while IFS=' ' read -r verb what; do
  case $verb in
    group) groups="$groups$what " ;;
    gone) case $groups in *" $what "*) groups="\${groups%% $what *} \${groups#* $what }" ;; esac ;;
    dir) dirs="$dirs$what$newline" ;;
  esac
done
for g in $groups; do kill -s TERM -- "-$g" 2>/dev/null; done
tries=0
for g in $groups; do
  while [ $tries -lt 10 ] && kill -s 0 -- "-$g" 2>/dev/null; do sleep 0.1; tries=$((tries + 1)); done
  kill -s KILL -- "-$g" 2>/dev/null
done
IFS=$newline
for d in $dirs; do rm -rf -- "$d"; done
`;

let reaper: ChildProcess | undefined;

/** Ends a process group with this process. */
export function reapGroup(groupPid: number): void {
  tell(`group ${groupPid}`);
}

/** The group has ended: its number may now be someone else's. */
export function forgetGroup(groupPid: number): void {
  tell(`gone ${groupPid}`);
}

/** Removes a folder with this process. */
export function reapDirectory(path: string): void {
  tell(`dir ${path}`);
}

function tell(line: string): void {
  reaper ??= startReaper();
  reaper.stdin?.write(`${line}\n`);
}

function startReaper(): ChildProcess {
  const child = spawn("/bin/sh", ["-c", SCRIPT], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  child.unref();
  child.stdin.on("error", () => undefined);
  if ("unref" in child.stdin && typeof child.stdin.unref === "function") child.stdin.unref();
  return child;
}

// The main job: sets up what is missing, then runs a scenario (the million, or what is asked for).
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

await import('./setup.mjs');
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const asked = process.argv.slice(2);
const child = spawn(process.execPath, [main, ...(asked.length > 0 ? asked : ['run', 'million'])], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) {
  // A terminal interrupts the whole group; a signal sent to this process alone is passed on.
  process.on(signal, () => {
    if (!process.stdin.isTTY) child.kill(signal);
  });
}
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});

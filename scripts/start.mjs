// `npm start`: installs and builds what is missing, then runs a scenario: the given one, or `million`.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

await import('./setup.mjs');
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const asked = process.argv.slice(2);
const child = spawn(process.execPath, [main, ...(asked.length > 0 ? asked : ['run', 'million'])], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) {
  // A terminal interrupts the whole process group. A signal sent only to this process is forwarded.
  process.on(signal, () => {
    if (!process.stdin.isTTY) child.kill(signal);
  });
}
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});

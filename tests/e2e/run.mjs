// Browser journeys. Starts what they look at, once, then runs every *.test.mjs here.
//   node tests/e2e/run.mjs                 the mock gateway with the built interface (web/dist)
//   node tests/e2e/run.mjs --demo          the real gateway and plant, started by `./dev demo`
//   BUSBAR_E2E_URL=https://... BUSBAR_E2E_CODE=XXXX-... node tests/e2e/run.mjs    one that already runs
// Screenshots go to build/screenshots/. Further arguments are test files.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const args = process.argv.slice(2);
const demo = args.includes('--demo');
const files = args.filter((arg) => !arg.startsWith('--'));
mkdirSync(`${root}build/screenshots`, { recursive: true });

// Starts a program and waits until its output has told what `found` looks for.
function start(command, commandArgs, found, patienceMs) {
  const child = spawn(command, commandArgs, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const stop = () => {
    try {
      process.kill(-child.pid, 'SIGTERM');
    } catch {
      // It has ended by itself.
    }
  };
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => { stop(); reject(new Error(`${command} did not start in ${patienceMs / 1000} s:\n${output}`)); }, patienceMs);
    const read = (chunk) => {
      output += chunk;
      const told = found(output);
      if (!told) return;
      clearTimeout(timer);
      resolve({ ...told, stop });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', (code) => { clearTimeout(timer); reject(new Error(`${command} ended with ${code}:\n${output}`)); });
  });
}

async function world() {
  if (process.env.BUSBAR_E2E_URL) return { url: process.env.BUSBAR_E2E_URL, code: process.env.BUSBAR_E2E_CODE ?? '', kind: 'real', stop() {} };
  if (demo) {
    return { kind: 'real', ...(await start('./dev', ['demo'], (text) => {
      const url = /https:\/\/[\w.-]+:\d+/.exec(text)?.[0];
      const code = /\b[A-Z0-9]{4}(?:-[A-Z0-9]{4}){3}\b/.exec(text)?.[0];
      return url && code ? { url, code } : null;
    }, 900_000)) };
  }
  if (!existsSync(`${root}web/dist/index.html`)) throw new Error('web/dist is missing: run `npm run build` in web/ first');
  return { kind: 'mock', code: 'ABCD-EFGH-JKMN-PQRS', ...(await start('node', ['web/mock/server.mjs', '--port', '0', '--dist', 'web/dist'], (text) => {
    const url = /http:\/\/localhost:\d+/.exec(text)?.[0];
    return url ? { url } : null;
  }, 20_000)) };
}

const { url, code, kind, stop } = await world();
console.log(`looking at ${url} (${kind})`);
const here = fileURLToPath(new URL('./', import.meta.url));
const chosen = files.length ? files : readdirSync(here).filter((name) => name.endsWith('.test.mjs')).sort().map((name) => here + name);
const tests = spawn('node', ['--test', '--test-concurrency=1', '--test-timeout=300000', ...chosen], {
  cwd: root, stdio: 'inherit', env: { ...process.env, BUSBAR_E2E_URL: url, BUSBAR_E2E_CODE: code, BUSBAR_E2E_KIND: kind },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => tests.kill(signal));
tests.on('exit', (status) => {
  stop();
  process.exit(status ?? 1);
});

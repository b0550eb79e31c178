// Browser journeys. Starts what they look at, once, then runs the tests in order.
//   node tests/e2e/run.mjs                    the mock gateway with the built interface (web/dist): *.test.mjs here
//   node tests/e2e/run.mjs --real [PRESET]    the real gateway of build/PRESET (dev) beside a simulated plant: real/*.test.mjs
// Screenshots go to build/screenshots/. Further arguments are test files.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { mockWorld, realWorld } from './world.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const args = process.argv.slice(2);
const real = args.includes('--real');
const files = args.filter((arg) => arg.endsWith('.mjs'));
const preset = args.find((arg) => !arg.startsWith('--') && !arg.endsWith('.mjs'));
mkdirSync(`${root}build/screenshots`, { recursive: true });

const world = real ? await realWorld(root, { preset }) : await mockWorld(root);
console.log(`looking at ${world.url} (${world.kind})`);
const here = fileURLToPath(new URL(real ? './real/' : './', import.meta.url));
const chosen = files.length ? files : readdirSync(here).filter((name) => name.endsWith('.test.mjs')).sort().map((name) => here + name);
const tests = spawn('node', ['--test', '--test-concurrency=1', '--test-timeout=300000', ...chosen], {
  cwd: root, stdio: 'inherit',
  env: { ...process.env, BUSBAR_E2E_URL: world.url, BUSBAR_E2E_CODE: world.code, BUSBAR_E2E_KIND: world.kind, BUSBAR_E2E_CONTROL: world.control ?? '' },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => tests.kill(signal));
tests.on('exit', (status) => world.stop().finally(() => process.exit(status ?? 1)));

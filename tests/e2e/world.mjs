// What the journeys look at: the mock gateway, or the real one beside a simulated plant. Each program is ended by its id.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PATIENCE_MS = 120_000;

// Starts a program and waits until its output has told what `found` looks for. `end` waits until it is gone.
function start(command, args, cwd, found) {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.once('exit', (status, signal) => resolve(status ?? signal)));
  const end = async (signal = 'SIGTERM') => {
    child.kill(signal);
    return ended;
  };
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => { child.kill('SIGKILL'); reject(new Error(`${command} did not start in ${PATIENCE_MS / 1000} s:\n${output}`)); }, PATIENCE_MS);
    const read = (chunk) => {
      output = (output + chunk).slice(-20_000);
      const told = found(output);
      if (!told) return;
      clearTimeout(timer);
      resolve({ ...told, end, output: () => output });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', reject);
    ended.then((status) => { clearTimeout(timer); reject(new Error(`${command} ended with ${status}:\n${output}`)); });
  });
}

export async function mockWorld(root) {
  if (!existsSync(`${root}web/dist/index.html`)) throw new Error('web/dist is missing: run `npm run build` in web/ first');
  const server = await start('node', ['web/mock/server.mjs', '--port', '0', '--dist', 'web/dist'], root, (text) => {
    const url = /http:\/\/localhost:\d+/.exec(text)?.[0];
    return url ? { url } : null;
  });
  return { kind: 'mock', url: server.url, code: 'ABCD-EFGH-JKMN-PQRS', stop: () => server.end() };
}

export async function realWorld(root, { preset = 'dev', scenario = 'tests/e2e/real/house.plant' } = {}) {
  const programs = `${root}build/${preset}/apps`;
  for (const name of ['plant/busbar-plant', 'gateway/busbar-gateway']) {
    if (!existsSync(`${programs}/${name}`)) throw new Error(`${programs}/${name} is missing: build it first (./dev build ${preset})`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'busbar-e2e-'));
  const plant = await start(`${programs}/plant/busbar-plant`, ['--scenario', root + scenario, '--dir', folder, '--profiles', `${root}profiles`], folder,
    () => existsSync(`${folder}/site.yaml`) && {});
  let address = '127.0.0.1:0';
  const startGateway = () => start(`${programs}/gateway/busbar-gateway`, ['--site', `${folder}/site.yaml`, '--data', `${folder}/data`, '--profiles', `${root}profiles`, '--listen', address], folder, (text) => {
    const url = /^listening on (https:\/\/\S+)$/m.exec(text)?.[1];
    const code = /^setup code (\S+)$/m.exec(text)?.[1] ?? '';
    return url && (code || address !== '127.0.0.1:0') ? { url, code } : null;
  });
  let gateway = await startGateway();
  address = new URL(gateway.url).host; // it comes back where browsers look for it
  const { url, code } = gateway;

  // The journeys may kill the gateway and start it again: POST /kill, POST /start.
  const control = createServer((request, response) => {
    const work = request.url === '/kill' ? gateway.end('SIGKILL') : startGateway().then((again) => { gateway = again; });
    work.then(() => response.end(), (error) => { response.statusCode = 500; response.end(String(error)); });
  });
  await new Promise((resolve) => control.listen(0, '127.0.0.1', resolve));
  const stop = async () => {
    control.close();
    await gateway.end();
    await plant.end();
    rmSync(folder, { recursive: true, force: true });
  };
  return { kind: 'real', url, code, control: `http://127.0.0.1:${control.address().port}`, stop };
}

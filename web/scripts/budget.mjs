// The first view stays under 100 kB compressed, or the build fails. First view: the page, what it names, and what that
// imports at once.
import { gzipSync } from 'node:zlib';
import { readFile } from 'node:fs/promises';

const BUDGET = 100_000;
const dist = new URL('../dist/', import.meta.url);
const seen = new Map();

async function weigh(path) {
  if (seen.has(path)) return;
  const content = await readFile(new URL(`.${path}`, dist));
  seen.set(path, gzipSync(content, { level: 9 }).length);
  if (!path.endsWith('.js')) return;
  for (const [, file] of content.toString().matchAll(/(?:^|[;}])import(?:[^"'()]*?from)?["']\.\/([^"']+)["']/g)) await weigh(`/assets/${file}`);
}

const page = await readFile(new URL('index.html', dist), 'utf8');
seen.set('/', gzipSync(page).length);
for (const [, path] of page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)) await weigh(path);
const total = [...seen.values()].reduce((sum, size) => sum + size, 0);
for (const [path, size] of seen) console.log(`${String(size).padStart(7)} B  ${path}`);
console.log(`${String(total).padStart(7)} B  first view, compressed (budget ${BUDGET})`);
if (total > BUDGET) process.exit(1);

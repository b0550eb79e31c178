// Rules of the interface that the compiler does not know. Each says why and what instead.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../src/', import.meta.url));
const files = readdirSync(root, { recursive: true }).map(String).filter((file) => /\.tsx?$/.test(file) && !file.includes('generated'));
const faults = [];

for (const file of files) {
  const text = readFileSync(root + file, 'utf8');
  const lines = text.split('\n');
  const fault = (line, message) => faults.push(`web/src/${file}:${line}: ${message}`);
  if (lines.length > 301 && !file.startsWith('i18n/')) fault(301, 'longer than 300 lines; a reader cannot hold it. Split it by what it speaks of.');
  lines.forEach((line, i) => {
    if (/\bfetch\(|new WebSocket\(/.test(line) && !file.startsWith('api/')) fault(i + 1, 'talks to the gateway outside api/. Components get props, views call actions.');
    if (/dangerouslySetInnerHTML|innerHTML\s*=/.test(line)) fault(i + 1, 'makes markup from text; a device name could be a script. Render elements.');
    if (/\bany\b(?=[\s,;>)\]])/.test(line.replace(/\/\/.*|'[^']*'/g, '')) && /[:<]\s*any\b/.test(line)) fault(i + 1, 'the type any switches checking off. Say unknown, and look.');
    // Text between tags that is not in braces has not gone through i18n.
    if (file.endsWith('.tsx') && />\s*[A-Z][a-z]+[^<>{}=;]*<\//.test(line)) fault(i + 1, 'a text that no language can change. Put it into i18n and use t().');
  });
}

// Browser tests wait for what they want to see, by its whole name, on any machine and any day.
const journeys = fileURLToPath(new URL('../../tests/e2e/', import.meta.url));
for (const file of readdirSync(journeys, { recursive: true }).map(String).filter((name) => name.endsWith('.mjs'))) {
  readFileSync(journeys + file, 'utf8').split('\n').forEach((line, i) => {
    const fault = (message) => faults.push(`tests/e2e/${file}:${i + 1}: ${message}`);
    if (/waitForTimeout|timeout: [\d_]{3,}/.test(line)) fault('waits for time; a slow machine needs more, a fast one less. Wait for a condition (says, drawn, waitFor).');
    if (/getBy(Role|Label)\(.*['"`]/.test(line) && /name:|getByLabel/.test(line) && !/exact: true/.test(line)) fault('finds a name that contains this one. Use button, link, field... of browser.mjs, or exact: true.');
  });
}

if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exit(1);
}
console.log(`${files.length} files and the browser tests follow the rules`);

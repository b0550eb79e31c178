// Writes src/api/generated/schema.ts from the gateway's OpenAPI file, so that nobody types an API shape twice.
//   node scripts/generate-types.mjs          write it
//   node scripts/generate-types.mjs --check  fail when the committed file is not what the description says
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const source = new URL('../../src/api/openapi.yaml', import.meta.url);
const target = new URL('../src/api/generated/schema.ts', import.meta.url);

// Shapes only: the description's prose changes more often than its shapes, and is read there.
const body = astToString(await openapiTS(source, { emptyObjectsUnknown: true })).replace(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, '');
const text = `// Generated from src/api/openapi.yaml by \`npm run types\`. Do not edit.\n${body}`;

if (process.argv.includes('--check')) {
  const committed = await readFile(target, 'utf8').catch(() => '');
  if (committed !== text) {
    console.error('web/src/api/generated/schema.ts is not what src/api/openapi.yaml says; run `npm run types` in web/.');
    process.exit(1);
  }
} else {
  await writeFile(target, text);
}

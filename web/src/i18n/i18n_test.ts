import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { de, rolesDe } from './de';
import { en, type MessageKey } from './en';
import { preferredLanguage } from './locale';
import { rolesEn } from './roles_en';
import { de as setupDe } from '../commissioning/de';
import { en as setupEn } from '../commissioning/en';
import { phrasesDe } from './phrases_de';
import { profileWordsDe } from './profile_words_de';
import { makePlural, makeTranslate, retold, roleName, sentenceValues } from './translate';

const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

describe.each([['de', de, rolesDe]])('%s', (_, messages, roles) => {
  it('has every text and no other', () => expect(Object.keys(messages).sort()).toEqual(Object.keys(en).sort()));
  it('fills the same places in every text', () => {
    for (const key of Object.keys(en) as MessageKey[]) expect([key, names(messages[key])]).toEqual([key, names(en[key])]);
  });
  it('names every role', () => expect(Object.keys(roles).sort()).toEqual(Object.keys(rolesEn).sort()));
});

describe('words of commissioning in German', () => {
  it('are all there, filled in the same places', () => {
    expect(Object.keys(setupDe).sort()).toEqual(Object.keys(setupEn).sort());
    for (const key of Object.keys(setupEn) as (keyof typeof setupEn)[]) expect([key, names(setupDe[key])]).toEqual([key, names(setupEn[key])]);
  });
});

describe('sentences of the gateway', () => {
  // Each with its code and English text, and the list of those that are looked for.
  const headers = ['phrases', 'phrases_running'].map((name) => readFileSync(`../src/base/${name}.hpp`, 'utf8'));
  const english = new Map([...headers.join('\n').matchAll(/constexpr Phrase (\w+)\{\s*"(\w+)",\s*"[\w.]*",\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\}/g)].map((match) => [match[2]!, match[3]!]));
  const listed = headers.flatMap((header) => [...header.slice(header.search(/Phrase\* \w+\[\]/)).matchAll(/&(\w+)/g)].map((match) => match[1]!));
  it('are all found', () => expect(english.size).toBeGreaterThan(200));
  it('are all looked for in texts', () => expect(listed.toSorted()).toEqual([...english.keys()].sort()));
  it('are told in German, each of them', () => expect(Object.keys(phrasesDe).sort()).toEqual([...english.keys()].sort()));
  it('have no blank that nobody fills', () => {
    for (const [code, text] of english) expect([code, names(phrasesDe[code]!).filter((name) => !names(text).includes(name))]).toEqual([code, []]);
  });
  it('are short, and nothing shouts', () => {
    for (const text of Object.values(phrasesDe)) expect([text, text.length < 200 && !text.includes('!')]).toEqual([text, true]);
  });
  it('are retold with what is in them, and roles by their names', () => {
    const why = { text: '118 % ...', code: 'line_too_much', values: { percent: '118', largest: 'heat', help: { text: '', code: 'help_fewer', values: {} } } };
    expect(retold({ code: 'no_room', values: { bus: 'line2', device: 'roof', why } }, phrasesDe, { roles: {} })).toBe('Auf line2 ist kein Platz für „roof“. 118 % der Leitung wären belegt. Das meiste braucht heat. Es hilft: weniger Geräte an dieser Leitung.');
    expect(retold({ code: 'no_room', values: { bus: 'line2', device: 'roof', why: 'x' } }, phrasesDe, { roles: {}, devices: new Map([['roof', 'Dach']]) })).toBe('Auf line2 ist kein Platz für „Dach“. x');
    expect(retold({ code: 'keeps_last', values: { role: 'ac.power' } }, phrasesDe, { roles: rolesDe })).toMatch(/^AC-Leistung bleibt/);
    expect(retold({ code: 'of_tomorrow', values: {} }, phrasesDe, { roles: {} })).toBeNull();
    expect(retold({ code: 'help_fewer', values: {} }, {}, { roles: {} })).toBeNull();
  });
});

const IDENTITY = ['model', 'maker', 'serial number', 'firmware']; // said by the gateway itself

describe('words of the shipped profiles', () => {
  // Grid codes and models are names; numbers are numbers.
  const yaml = readdirSync('../profiles', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml')).map((file) => readFileSync(`../profiles/${file}`, 'utf8'));
  const maps = yaml.flatMap((text) => [...text.matchAll(/\b(?:choices|states|codes): *(?:\{([^}]*)\}|\n((?: +-?(?:0x)?[\da-fA-F]+: .*\n)+))/g)].map((match) => (match[1] ?? match[2])!));
  const plain = (text: string) => text.trim().replace(/^(["'])(.*)\1$/, '$2');
  const choices = maps.filter((map) => !/VDE-AR-N|IEC61727/.test(map)).flatMap((map) => [...map.matchAll(/\b[\da-fA-Fx]+: *("[^"]*"|'[^']*'|[^,\n}]+)/g)].map((match) => plain(match[1]!)));
  const names = yaml.flatMap((text) => [...text.matchAll(/\btext: *("[^"]*"|[^,\n}]+)/g)].map((match) => plain(match[1]!)));
  const rest = yaml.flatMap((text) => [...text.matchAll(/\b(?:what|falls_back_to): *("[^"]*"|.*?)(?=, \w+: |\}|\n)/g)].map((match) => plain(match[1]!)));
  const english = new Set([...choices, ...names, ...rest, ...IDENTITY].filter((word) => !/^(\d+$|[A-Z]{2,}\d)/.test(word)));
  it('are found', () => expect(english.size).toBeGreaterThan(150));
  it('are all told in German, and no others', () => expect(Object.keys(profileWordsDe).sort()).toEqual([...english].sort()));
});

describe('texts', () => {
  it('are short, and nothing shouts', () => {
    for (const [key, text] of [...Object.entries({ ...en, ...de }), ...Object.entries(setupEn), ...Object.entries(setupDe)]) {
      expect([key, text.includes('!')]).toEqual([key, false]);
      expect([key, text.length < 160]).toEqual([key, true]);
    }
  });
  it('are all used somewhere', () => {
    const files = ['src/components', 'src/views', 'src/commissioning', 'src/charts', 'src/i18n', 'src'].flatMap((folder) =>
      readdirSync(folder).filter((file) => /\.tsx?$/.test(file) && !/(_test|^en|^de)\.tsx?$/.test(file)).map((file) => readFileSync(`${folder}/${file}`, 'utf8')));
    const code = files.join('\n');
    const built = [...code.matchAll(/`([\w.]+\.)\$\{/g)].map((match) => match[1]!);
    const unused = [...Object.keys(en), ...Object.keys(setupEn)].filter((key) => {
      const base = key.replace(/_(one|other)$/, '');
      return !code.includes(`'${base}'`) && !built.some((prefix) => key.startsWith(prefix));
    });
    expect(unused).toEqual([]);
  });
});

describe('translation', () => {
  it('fills in values and leaves what it does not know', () => expect(makeTranslate(en)('app.ago', { age: '3 s' })).toBe('3 s ago'));
  it('counts', () => {
    const plural = makePlural(en, 'en-GB');
    expect([plural('nav.alarms.count', 1), plural('nav.alarms.count', 2)]).toEqual(['1 active alarm', '2 active alarms']);
  });
  it('gives the sentence its units, and no sign where words say the direction', () => {
    expect(sentenceValues({ power_w: -3400, share_percent: 60 }, 'de-DE')).toEqual({ power_w: '3,40\u00a0kW', share_percent: '60\u00a0%' });
  });
  it.each([['ac.power', 'AC power'], ['ac.phase.power.l2', 'AC power L2'], ['pv.string.voltage.3', 'String voltage 3'], ['new.role', 'new.role']])('calls %s "%s"', (role, name) => expect(roleName(role, rolesEn)).toBe(name));
  it('takes the stored language, then the browser\'s, then English', () => {
    expect(preferredLanguage('de', ['en-US'])).toBe('de');
    expect(preferredLanguage('xx', ['fr-FR', 'de-AT'])).toBe('de');
    expect(preferredLanguage(null, ['ja'])).toBe('en');
  });
});

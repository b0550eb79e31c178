// Draws the PNG icons of public/icons from public/icon.svg with the system's Chromium. Run after changing the SVG.
import { readFile, writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const svg = await readFile(new URL('../public/icon.svg', import.meta.url), 'utf8');
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });

async function draw(name, size, source) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>body{margin:0;background:transparent}svg{display:block;width:${size}px;height:${size}px}</style>${source}`);
  await writeFile(new URL(`../public/icons/${name}`, import.meta.url), await page.screenshot({ omitBackground: true }));
  await page.close();
}

await draw('icon-192.png', 192, svg);
await draw('icon-512.png', 512, svg);
await draw('maskable-512.png', 512, svg.replace('rx="112"', 'rx="0"')); // the system cuts the corners
await browser.close();

// The pictures of the README and the guides: node tests/e2e/screenshots.mjs makes them anew, from
// the sample, into docs/images/. They are made smaller where there is pngquant (in Debian).
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Site, narrow, settled, wide } from './browser.mjs';

const out = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs', 'images');

// What happens today, so that the pulse beats: calls, visits and orders of well-known partners.
const today = [
  { partner: 'Brakes and Gears', kind: 'call.made', quantity: '340' },
  { partner: 'Brakes and Gears', kind: 'order', quantity: '24', amount: '18240.00' },
  { partner: 'Retail Mall', kind: 'visit', quantity: '45' },
  { partner: 'Totes & Baskets Company', kind: 'funnel.contact.to' },
  { partner: 'Vigorous Exercise Company', kind: 'call.received', quantity: '120' },
  { partner: 'Excellent Riding Supplies', kind: 'order', quantity: '8', amount: '6190.50' },
  { partner: 'Metropolitan Equipment', kind: 'order', quantity: '31', amount: '22875.00' },
];

async function happen(site) {
  const token = site.server.makeToken('manager');
  for (const [i, { partner, amount, ...rest }] of today.entries()) {
    const found = await site.server.ask(
      'GET', `/api/v1/partners?search=${encodeURIComponent(partner)}`, { token });
    const body = {
      ...rest,
      partner: found.body.items[0].id,
      at: new Date(Date.now() - (today.length - i) * 60_000).toISOString(),
      source: 'pictures',
      external_id: String(i),
      ...(amount ? { amount, currency: 'USD' } : {}),
    };
    const answer = await site.server.ask('POST', '/api/v1/facts', { token, body });
    if (answer.status !== 201) throw new Error(`${partner}: ${answer.text}`);
  }
}

// The names that the sample has by itself where nobody says others.
async function giveNames(site) {
  const token = site.server.makeToken('administrator');
  const patch = async (path, version, body) => {
    const headers = { 'If-Match': `"${version}"` };
    const answer = await site.server.ask('PATCH', path, { token, body, headers });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.text}`);
  };
  const organisation = await site.server.ask('GET', '/api/v1/organisation', { token });
  await patch('/api/v1/organisation', organisation.body.version, {
    name: 'Adventure Works Cycles', currency: 'USD', country: 'US',
    time_zone: 'America/Los_Angeles',
  });
  const users = await site.server.ask('GET', '/api/v1/users', { token });
  const manager = users.body.items.find((user) => user.role === 'manager');
  await patch(`/api/v1/users/${manager.id}`, manager.version, { name: 'Mia Berger' });
}

async function idOf(site, name) {
  const token = site.server.makeToken('manager');
  const found = await site.server.ask('GET', `/api/v1/partners?search=${name}`, { token });
  return found.body.items[0].id;
}

async function take(site, name, path, look, prepare = async () => {}) {
  const page = await site.open('manager', path, look);
  await prepare(page);
  await settled(page);
  // The chart is drawn once its library has come.
  await page.waitForTimeout(600);
  await page.screenshot({ path: join(out, `${name}.png`) });
  await page.context().close();
}

// A file that nobody knows, as a shop writes it, on the way in.
const sales = `Firma;Telefon;Umsatz;Datum;Farbe
Alpenrad GmbH;089 12345670;1.234,50;03.05.2024;rot
Nordlicht AG;030 1234567;99,00;17.05.2024;blau
Radhaus Lindau;08382 27940;2.480,00;21.05.2024;rot
`;

async function beginImport(page) {
  await page.locator('input[type=file][multiple]').setInputFiles(
    { name: 'umsatz.csv', mimeType: 'text/csv', buffer: Buffer.from(sales) });
  await page.waitForURL('**/imports/imp_*');
  await page.getByRole('table', { name: 'Records by kind' }).waitFor();
}

function makeSmaller() {
  const files = readdirSync(out).filter((name) => name.endsWith('.png'));
  const args = ['--force', '--skip-if-larger', '--strip', '--quality', '70-95', '--ext', '.png'];
  spawnSync('pngquant', [...args, ...files.map((name) => join(out, name))], { stdio: 'inherit' });
}

mkdirSync(out, { recursive: true });
const site = await Site.start(true);
try {
  await giveNames(site);
  await happen(site);
  const partner = await idOf(site, 'brakes');
  const light = { viewport: wide, colorScheme: 'light' };
  const dark = { viewport: wide, colorScheme: 'dark' };
  await take(site, 'channel-light', '/', light);
  await take(site, 'channel-dark', '/', dark);
  await take(site, 'partners-light', '/partners?sort=-sales', light);
  await take(site, 'partner-light', `/partners/${partner}`, light);
  await take(site, 'partner-dark', `/partners/${partner}`, dark);
  await take(site, 'number-light', '/?number=sales', light);
  const tall = { viewport: { width: 1280, height: 1600 }, colorScheme: 'light' };
  await take(site, 'import-light', '/imports', tall, beginImport);
  await take(site, 'phone-light', '/', { viewport: narrow, colorScheme: 'light' });
} finally {
  await site.close();
}
makeSmaller();

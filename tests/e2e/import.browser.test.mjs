// Files go in through the page: seen, corrected, imported to the cent, taken back.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { checkAccessibility } from './axe.mjs';
import { settled, testPage } from './browser.mjs';
import { must } from './server.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const salesforce = ['Account', 'Contact', 'Lead', 'Opportunity']
  .map((name) => join(root, 'tests/data/salesforce', `${name}.csv`));
const folder = mkdtempSync(join(tmpdir(), 'rapport-files-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

function write(name, content) {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function adventureWorks() {
  return ['reseller_sales.csv', 'products.csv', 'resellers.csv'].map((name) =>
    write(name, gunzipSync(readFileSync(join(root, 'sample/adventureworks', `${name}.gz`)))));
}

// The same channel with eight times the orders: seconds of work, also for a quick machine.
function manyOrders() {
  const [sales, ...others] = adventureWorks();
  const [head, ...lines] = readFileSync(sales, 'utf8').trimEnd().split('\n');
  const copies = Array.from({ length: 8 }, (_, i) => lines.map((line) => `${i}${line}`)).flat();
  return [write('many_sales.csv', `${[head, ...copies].join('\n')}\n`), ...others];
}

const files = (page) => page.locator('input[type=file][multiple]');
const state = (page, label) => page.getByText(label, { exact: true }).waitFor();
const importIt = (page) => page.getByRole('button', { name: /^Import [\d,]+ rows?$/ }).click();

// A new import of these files, on its screen, tried.
async function begin(page, paths) {
  await page.goto('/imports');
  await settled(page);
  await files(page).setInputFiles(paths);
  await page.waitForURL('**/imports/imp_*');
  await page.getByText(paths.length > 1
    ? new RegExp(`and ${paths.length - 1} others?$`) : /.csv$/).first().waitFor();
}

const previewed = (page) => page.getByRole('table', { name: 'Records by kind' }).waitFor();

function sales(site) {
  const items = JSON.parse(must(site.directory,
    ['metrics', '--from', '2017-07-01', '--to', '2020-06-01', '--json']));
  return items.find((item) => item.code === 'sales').value;
}

// Drops files onto the middle of the screen, as from a folder beside it.
async function drop(page, names) {
  const data = await page.evaluateHandle((list) => {
    const transfer = new DataTransfer();
    for (const [name, text] of list) transfer.items.add(new File([text], name));
    return transfer;
  }, names);
  await page.dispatchEvent('main', 'dragover', { dataTransfer: data });
  await page.getByText('Drop the files here').waitFor();
  await page.dispatchEvent('main', 'drop', { dataTransfer: data });
}

testPage('a manager imports Adventure Works to the cent, reloads meanwhile, and takes it back',
  async (site) => {
    const page = await site.open('manager', '/partners');
    await page.getByRole('link', { name: 'Import files' }).click();
    await begin(page, adventureWorks());
    await previewed(page);
    const orders = page.getByRole('row', { name: /^Order / });
    assert.match(await orders.innerText(), /3,616/);
    assert.equal(sales(site), null);

    await importIt(page);
    await page.reload();
    await page.getByText('imported', { exact: true }).waitFor({ timeout: 60_000 });
    assert.equal(sales(site), '77548570.20');

    await page.getByRole('button', { name: 'Undo the import…' }).click();
    await page.getByRole('button', { name: 'Take it back' }).click();
    await page.getByText('taken back', { exact: true }).waitFor({ timeout: 60_000 });
    assert.equal(sales(site), '0.00');
  }, { sample: false });

testPage('an import is watched, found again after a reload, stopped, and goes on', async (site) => {
  const page = await site.open('manager', '/imports');
  await begin(page, manyOrders());
  await page.getByRole('button', { name: /^Import [\d,]+ rows?$/ }).waitFor({ timeout: 60_000 });
  await importIt(page);
  await page.getByText(/of [\d,]+ rows · [\d,]+ rows\/s · about .+ left/).waitFor();
  await page.reload();
  await page.getByRole('progressbar', { name: 'Rows imported' }).waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await state(page, 'stopped');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('imported', { exact: true }).waitFor({ timeout: 60_000 });
  // Eight times the sales of the channel, not a cent twice.
  assert.equal(sales(site), '620388561.60');
}, { sample: false });

testPage('the same files again are told to bring nothing new', async (site) => {
  const page = await site.open('manager', '/imports');
  for (const [i, words] of ['Bad rows and cells', 'Nothing in it is new'].entries()) {
    await begin(page, salesforce);
    await previewed(page);
    await page.getByText(words).first().waitFor();
    if (i) break;
    const [saved] = await Promise.all([
      page.waitForEvent('download'), page.getByRole('button', { name: 'Download as CSV' }).click(),
    ]);
    const text = readFileSync(await saved.path(), 'utf8');
    assert.equal(text[0], '\ufeff', 'a spreadsheet reads it as UTF-8');
    const lines = text.slice(1).split('\r\n');
    assert.equal(lines[0], 'file,row,line,column,value,what,reason');
    assert.match(lines[1], /^Contact\.csv,10,\d+,Email,b\.levy@expressl&t\.net,cell left out,/);
    await importIt(page);
    await state(page, 'imported');
  }
}, { sample: false });

testPage('what is no table is refused in words, and the rest goes on', async (site) => {
  site.expect(/^POST \/api\/v1\/imports(\/imp_\w+\/files)?: (400|409)$/);
  const page = await site.open('manager', '/imports');
  await files(page).setInputFiles([
    write('binary.csv', Buffer.from([0, 1, 2, 3, 0, 0])), write('empty.csv', ''),
    write('book.xlsx', 'PK'), salesforce[0], write('copy.csv', readFileSync(salesforce[0])),
  ]);
  await page.waitForURL('**/imports/imp_*');
  await page.getByText('Not every file was taken').waitFor();
  for (const words of [/not text/, /file is empty/, /is a workbook/, /in the import already/])
    await page.getByText(words).waitFor();
  await page.getByRole('button', { name: 'Dismiss' }).first().click();
  await page.getByText('Not every file was taken').waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Take out Account.csv' }).click();
  await page.getByRole('heading', { name: 'No file' }).waitFor();
  assert.ok(await page.getByRole('button', { name: 'Import 0 rows' }).isDisabled());
  await page.getByRole('button', { name: 'Discard' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
  await page.waitForURL('**/imports');
  await state(page, 'discarded');
}, { sample: false });

testPage('a file that nobody knows is dropped, given a meaning, saved and used again',
  async (site) => {
    site.expect(/^PATCH \/api\/v1\/imports\/imp_\w+\/files\/1: 400$/);
    const page = await site.open('manager', '/imports');
    await drop(page, [['odd.csv', 'Qx;Zahl\nAlpenrad GmbH;7\nNordlicht AG;9\n']]);
    await page.waitForURL('**/imports/imp_*');
    await page.getByText('not recognised').waitFor();
    await page.getByRole('cell', { name: 'Alpenrad GmbH · Nordlicht AG' }).waitFor();
    assert.ok(await page.getByRole('button', { name: /^Import / }).isDisabled());

    const use = page.getByRole('button', { name: 'Use this mapping' });
    await page.getByLabel('Zahl becomes').selectOption({ label: 'Note' });
    await use.click();
    await page.getByRole('alert').getByText('Record 1').waitFor();
    await page.getByLabel('Qx becomes').selectOption({ label: 'Name' });
    await use.click();
    await previewed(page);
    assert.match(await page.getByRole('row', { name: /^Partner / }).innerText(), /2/);
    const [saved] = await Promise.all([
      page.waitForEvent('download'), page.getByRole('button', { name: 'Save it as a file' }).click(),
    ]);
    assert.equal(saved.suggestedFilename(), 'odd.json');

    const again = write('odd2.csv', 'Qx;Zahl\nSonnenrad KG;1\n');
    await begin(page, [again]);
    await page.getByText('not recognised').waitFor();
    await page.getByLabel('A saved mapping for odd2.csv').setInputFiles(again);
    await page.getByRole('alert').getByText('it is no JSON').waitFor();
    await page.getByLabel('A saved mapping for odd2.csv').setInputFiles(await saved.path());
    await previewed(page);
    await importIt(page);
    await state(page, 'imported');
    assert.match(must(site.directory, ['partner', 'show', 'Sonnenrad KG']), /Sonnenrad KG/);
  }, { sample: false });

testPage('the rule for partners and the currency are chosen, and a wrong one is told at its field',
  async (site) => {
    site.expect(/^PATCH \/api\/v1\/imports\/imp_\w+: 400$/);
    const page = await site.open('manager', '/imports');
    await begin(page, [salesforce[0]]);
    await previewed(page);
    await page.getByLabel('Which rows are partners').selectOption('Every row');
    await page.getByText('Every record is a partner, as chosen.').waitFor();
    await page.getByRole('row', { name: /^Partner 18 / }).waitFor();
    await page.getByLabel('Currency of amounts').fill('zzz');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('This is no currency.').waitFor();
  }, { sample: false });

testPage('an import leads to its rows that belong to nobody, and those are given to a partner',
  async (site) => {
    const page = await site.open('manager', '/imports');
    await begin(page, salesforce);
    await previewed(page);
    await importIt(page);
    await state(page, 'imported');
    await page.getByText(/53 rows named a company/).waitFor();
    await page.getByRole('link', { name: 'give them to partners' }).click();
    await page.waitForURL(/\/partners\/unassigned\?import=imp_/);
    await page.getByRole('button', { name: 'Give all of United Oil & Gas Corp.' }).first().click();
    await page.getByLabel('Partner', { exact: true }).pressSequentially('Dickenson');
    await page.getByRole('option', { name: /Dickenson/ }).click();
    await page.getByRole('button', { name: 'Give', exact: true }).click();
    await page.getByText(/20 rows given to Dickenson/).waitFor();
  }, { sample: false });

testPage('an analyst sees what was imported and can change nothing; a partner sees nothing of it',
  async (site) => {
    const manager = await site.open('manager', '/imports');
    await begin(manager, [salesforce[0]]);
    await previewed(manager);
    const analyst = await site.open('analyst', new URL(manager.url()).pathname);
    await analyst.getByText('not imported yet').waitFor();
    assert.equal(await analyst.getByRole('main').getByRole('button').count(), 0);
    site.expect(/^GET \/api\/v1\/imports: 403$/);
    const partner = await site.open('partner', '/imports');
    await partner.getByText('Not for your role').waitFor();
  });

testPage('the screens of imports look right everywhere', async (site) => {
  const page = await site.open('manager', '/imports');
  await begin(page, [salesforce[1], write('odd.csv', 'Firma;Zahl\nAlpenrad GmbH;7\n')]);
  await page.getByText(/columns, and what they become/).first().click();
  await settled(page);
  await checkAccessibility(page);
  const { pathname } = new URL(page.url());
  await site.checkLooks('manager', '/imports');
  await site.checkLooks('manager', pathname, async (each) => {
    await each.getByText(/columns, and what they become/).first().click();
  });
}, { sample: false });

testPage('an import that is done looks right everywhere', async (site) => {
  const page = await site.open('manager', '/imports');
  await begin(page, salesforce);
  await previewed(page);
  await importIt(page);
  await state(page, 'imported');
  await site.checkLooks('manager', new URL(page.url()).pathname, async (each) => {
    await each.getByRole('table', { name: 'Records by kind' }).waitFor();
  });
}, { sample: false });

// The list of partners, possible duplicates, and rows that belong to nobody, on the page.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testPage } from './browser.mjs';
import { must } from './server.mjs';

const rows = (page) => page.locator('[data-row]');
const link = (page, name) => page.getByRole('link', { name, exact: true });
const toast = (page, text) => page.locator('.toasts').getByText(text);
const query = (page, name) => new URL(page.url()).searchParams.get(name);

async function search(page, text) {
  await page.getByLabel('Find partners').fill(text);
  await page.waitForURL((url) => url.searchParams.get('search') === text);
}

async function undo(page) {
  await page.locator('.toasts').getByRole('button', { name: 'Undo' }).click();
}

testPage('one types, narrows and orders, and the address says it all', async (site) => {
  const page = await site.open('manager', '/partners');
  await page.getByText('701 partners').waitFor();
  await search(page, 'brakes gea');
  await link(page, 'Brakes and Gears').waitFor();
  await page.getByText('1 partner of this filter').waitFor();
  await search(page, 'bike');
  await page.getByRole('button', { name: 'Sales' }).click();
  await page.waitForURL((url) => url.searchParams.get('sort') === '-sales');
  const again = await site.open('analyst', page.url().slice(site.server.url.length));
  assert.equal(await again.getByLabel('Find partners').inputValue(), 'bike');
  assert.equal(await again.getByRole('columnheader', { name: 'Sales' }).getAttribute('aria-sort'),
    'descending');
  await search(again, 'nobody is called that');
  await again.getByText('No partner is like that').waitFor();
  await again.getByRole('button', { name: 'Clear' }).click();
  await again.getByText('701 partners').waitFor();
});

testPage('a filter that is no value says so', async (site) => {
  site.expect(/^GET \/api\/v1\/partners(\/count)?: 400$/);
  const page = await site.open('manager', '/partners');
  await page.getByText('More filters').click();
  await page.getByRole('textbox', { name: 'Country' }).fill('Atlantis');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
});

testPage('the numbers of the list are chosen', async (site) => {
  const page = await site.open('manager', '/partners?sort=-sales&window=5y');
  await page.getByRole('button', { name: 'Numbers' }).click();
  await page.getByRole('checkbox', { name: 'Number of sales', exact: true }).check();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('columnheader', { name: 'Number of sales' }).waitFor();
  assert.match(query(page, 'numbers'), /^sales,/);
  const first = rows(page).first().locator('td.number');
  await first.nth(1).filter({ hasText: /^\d/ }).waitFor();
  assert.match(await first.nth(0).innerText(), /^\$/);
});

testPage('the list scrolls to its end with few rows made', async (site) => {
  const page = await site.open('manager', '/partners');
  const isLast = () => document.querySelectorAll('[data-row="700"]').length === 1;
  for (let i = 0; i < 60 && !(await page.evaluate(isLast)); i++) {
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await page.waitForTimeout(150);
  }
  assert.ok(await page.evaluate(isLast));
  assert.ok((await rows(page).count()) < 100, 'only those in view');
});

testPage('the keyboard alone finds, goes, chooses and opens', async (site) => {
  const page = await site.open('manager', '/partners');
  await page.keyboard.press('/');
  await page.keyboard.type('bike');
  await page.waitForURL((url) => url.searchParams.get('search') === 'bike');
  await page.locator('[data-row="0"]').getByText('A Bike Store').waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('j');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('k');
  await page.keyboard.press('x');
  await page.getByText('1 partner chosen').waitFor();
  const focused = await page.evaluate(() => document.activeElement.closest('tr').dataset.row);
  assert.equal(focused, '1');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/partners\/ptn_/);
});

testPage('many are given to a manager, and back', async (site) => {
  const page = await site.open('manager', '/partners?search=bike%20shop');
  await page.getByLabel('Choose all that are shown').check();
  await page.getByRole('button', { name: 'Assign manager' }).click();
  await page.getByRole('dialog').getByLabel('Manager').selectOption({ label: 'mia@example.com' });
  await page.keyboard.press('Tab');
  await page.getByRole('button', { name: 'Assign', exact: true }).click();
  await toast(page, /given to mia@example.com/).waitFor();
  await rows(page).first().getByText('mia@example.com').waitFor();
  await undo(page);
  await rows(page).first().getByText('mia@example.com').waitFor({ state: 'detached' });
});

testPage('all of a filter are tagged, and some keep their status and say why', async (site) => {
  site.expect(/^POST \/api\/v1\/partners\/status: 409$/);
  const page = await site.open('manager', '/partners?search=bike&sort=name');
  await page.getByLabel(/^Choose A Bike Store/).check();
  await page.getByRole('button', { name: /^Choose all \d+$/ }).click();
  await page.getByRole('button', { name: 'Add tag' }).click();
  await page.getByRole('dialog').getByLabel('Tag').fill('gold');
  await page.keyboard.press('Enter');
  await toast(page, /partners tagged gold/).waitFor();
  await page.getByText('chosen').waitFor({ state: 'detached' });
  await page.getByLabel(/^Choose A Bike Store/).check();
  await page.getByRole('region', { name: 'Chosen partners' })
    .getByRole('button', { name: 'Status' }).click();
  await page.getByRole('menuitem', { name: 'prospect' }).click();
  await toast(page, /1 partner stayed active: A Bike Store/).waitFor();
});

testPage('the chosen are exported', async (site) => {
  const page = await site.open('manager', '/partners?search=brakes');
  await page.getByLabel('Choose Brakes and Gears').check();
  const [download] = await Promise.all([
    page.waitForEvent('download'), page.getByRole('button', { name: 'Export these' }).click(),
  ]);
  assert.match(readFileSync(await download.path(), 'utf8'), /Brakes and Gears/);
});

testPage('a view is saved, comes back, and is forgotten', async (site) => {
  const page = await site.open('manager', '/partners?status=active');
  const menu = (name) => page.getByRole('button', { name }).first().click();
  await menu('Views');
  await page.getByRole('menuitem', { name: 'Save this view…' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Active ones');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Active ones' }).waitFor();
  const other = await site.open('manager', '/partners');
  await other.getByRole('button', { name: 'Views' }).click();
  await other.getByRole('menuitem', { name: 'Active ones' }).click();
  await other.waitForURL('**/partners?status=active');
  await menu('Active ones');
  await page.getByRole('menuitem', { name: 'Forget Active ones' }).click();
  await page.getByRole('button', { name: 'Views' }).waitFor();
});

testPage('a partner is added, with a warning of one that is there', async (site) => {
  site.expect(/^POST \/api\/v1\/partners: 400$/);
  const page = await site.open('manager', '/partners');
  await page.getByRole('button', { name: 'Add a partner' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Business name').fill('Brakes and Gea');
  await dialog.getByRole('link', { name: 'Brakes and Gears' }).waitFor();
  await dialog.getByLabel('Business name').fill('Quiet Harbour');
  await dialog.getByLabel('Phone').fill('12');
  await page.keyboard.press('Enter');
  await dialog.getByRole('alert').waitFor();
  await dialog.getByLabel('Phone').fill('');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/partners\/ptn_/);
});

testPage('a pair is told apart and taken back, and another is merged', async (site) => {
  const page = await site.open('manager', '/partners/duplicates');
  const pairs = page.getByRole('article');
  const before = await pairs.count();
  await pairs.first().getByRole('button', { name: 'They are two' }).click();
  await toast(page, /are two/).waitFor();
  await page.waitForFunction((count) => document.querySelectorAll('article').length < count, before);
  await undo(page);
  await page.waitForFunction((count) => document.querySelectorAll('article').length === count,
    before);
  await pairs.first().getByRole('button', { name: 'Compare and merge' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio').nth(1).check();
  await dialog.getByRole('button', { name: 'Merge' }).click();
  await toast(page, /is now/).waitFor();
  const open = await site.open('analyst', '/partners/duplicates');
  assert.equal(await open.getByRole('button', { name: 'Compare and merge' }).count(), 0);
});

/** Orders of companies that are no partners. */
function importStrangers(site) {
  const directory = mkdtempSync(join(tmpdir(), 'rapport-e2e-'));
  const file = join(directory, 'Task.csv');
  const lines = [1, 2, 3].map((n) =>
    `00T00000000000${n}AAA,001STRANGER000${n < 3 ? 1 : 2}AAA,Call ${n},2026-01-0${n},Outbound,60`);
  writeFileSync(file,
    ['Id,AccountId,Subject,ActivityDate,CallType,CallDurationInSeconds', ...lines].join('\n') + '\n');
  must(site.directory, ['import', file]);
  rmSync(directory, { recursive: true });
}

testPage('rows that belong to nobody are given to a partner', async (site) => {
  importStrangers(site);
  const page = await site.open('manager', '/partners/unassigned');
  const boxes = page.getByRole('checkbox', { name: /^Choose Call/ });
  assert.equal(await boxes.count(), 3);
  const giveTo = async () => {
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Partner').pressSequentially('Brakes and');
    await dialog.getByRole('option', { name: /^Brakes and Gears/ }).click();
    await dialog.getByRole('button', { name: 'Give', exact: true }).click();
  };
  await page.getByRole('button', { name: /^Give all of/ }).first().click();
  await giveTo();
  await toast(page, /given to Brakes and Gears/).waitFor();
  await boxes.first().check();
  await page.getByRole('button', { name: /to a partner$/ }).click();
  await giveTo();
  await page.getByText('Every row belongs to a partner').waitFor();
});

testPage('who may only read sees no buttons that change', async (site) => {
  const page = await site.open('analyst', '/partners');
  assert.equal(await page.getByRole('button', { name: 'Add a partner' }).count(), 0);
  assert.equal(await page.getByRole('checkbox', { name: /^Choose/ }).count(), 0);
  const own = await site.open('partner', '/partners');
  await link(own, 'Brakes and Gears').waitFor();
  assert.equal(await rows(own).count(), 1);
});

testPage('the list looks right everywhere, with some chosen', async (site) => {
  await site.checkLooks('manager', '/partners', async (page) => {
    await page.getByRole('checkbox', { name: /^Choose A / }).first().check();
  });
});

testPage('duplicates look right everywhere, with two compared', async (site) => {
  await site.checkLooks('manager', '/partners/duplicates');
  await site.checkLooks('manager', '/partners/duplicates', async (page) => {
    await page.getByRole('button', { name: 'Compare and merge' }).first().click();
    await page.getByText('Which stays').waitFor();
  });
});

testPage('rows that belong to nobody look right everywhere', async (site) => {
  importStrangers(site);
  await site.checkLooks('manager', '/partners/unassigned');
});

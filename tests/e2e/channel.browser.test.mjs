// What every screen has around it: the palette, the keys, the connection; and the channel itself.
import assert from 'node:assert/strict';
import { settled, password, testPage } from './browser.mjs';
import { checkAccessibility } from './axe.mjs';

const finder = (page) => page.getByRole('combobox', { name: 'Find partners and actions' });
const offers = (page) => page.getByRole('listbox', { name: 'Found' }).getByRole('option');

async function openPalette(page) {
  await page.keyboard.press('Control+k');
  await finder(page).waitFor();
}

testPage('the palette finds a partner as one types and opens it without a mouse', async (site) => {
  const page = await site.open('manager', '/reference');
  await openPalette(page);
  await page.keyboard.type('brakes');
  await page.getByRole('option', { name: 'Brakes and Gears' }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/partners/ptn_*');
  await page.getByRole('heading', { name: 'Brakes and Gears', level: 1 }).waitFor();
  await openPalette(page);
  const first = offers(page).first();
  assert.match(await first.innerText(), /Brakes and Gears/, 'what was chosen last comes first');
  assert.equal(await first.getAttribute('aria-selected'), 'true');
});

testPage('the palette shows a number of a partner that is asked for in words', async (site) => {
  const page = await site.open('analyst', '/reference');
  await openPalette(page);
  await page.getByRole('option', { name: /Show sales of …/ }).click();
  assert.equal(await finder(page).inputValue(), 'Sales of ');
  await finder(page).pressSequentially('brakes and');
  await page.getByRole('option', { name: /Show Sales of Brakes and Gears/i }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/metrics?number=sales');
  await page.getByRole('dialog', { name: 'Sales' }).getByText('Formula').waitFor();
});

testPage('arrows move in the palette and around its ends; Escape closes it and gives the focus back', async (site) => {
  const page = await site.open('manager', '/reference');
  const button = page.getByRole('button', { name: 'Find partners and actions' });
  await button.focus();
  await page.keyboard.press('Enter');
  await finder(page).waitFor();
  const options = offers(page);
  const last = (await options.count()) - 1;
  await page.keyboard.press('ArrowUp');
  assert.equal(await options.nth(last).getAttribute('aria-selected'), 'true');
  await page.keyboard.press('ArrowDown');
  assert.equal(await options.nth(0).getAttribute('aria-selected'), 'true');
  const active = await finder(page).getAttribute('aria-activedescendant');
  assert.equal(await options.nth(0).getAttribute('id'), active);
  await page.keyboard.press('Escape');
  await finder(page).waitFor({ state: 'hidden' });
  assert.equal(await button.evaluate((element) => element === document.activeElement), true);
});

testPage('the palette says that nothing is called so', async (site) => {
  const page = await site.open('manager', '/reference');
  await openPalette(page);
  await page.keyboard.type('zzqx');
  await page.getByText('Nothing is called that').waitFor();
  await page.keyboard.press('Enter');
  assert.equal(await finder(page).inputValue(), 'zzqx', 'Enter on nothing does nothing');
});

testPage('the palette offers nothing that a role may not do', async (site) => {
  const names = ['Add a partner', 'Import files', 'Users'];
  const offered = async (role) => {
    const page = await site.open(role, '/reference');
    await openPalette(page);
    const texts = await offers(page).locator('.label').allInnerTexts();
    await page.context().close();
    return names.map((name) => texts.includes(name));
  };
  assert.deepEqual(await offered('administrator'), [true, true, true]);
  assert.deepEqual(await offered('manager'), [true, true, false]);
  assert.deepEqual(await offered('analyst'), [false, false, false]);
  assert.deepEqual(await offered('partner'), [false, false, false]);
});

testPage('the palette switches the theme, adds a partner and signs out', async (site) => {
  site.expect(/^GET \/api\/v1\/stream: 401$/);
  const page = await site.open('manager', '/partners');
  const choose = async (words) => {
    await openPalette(page);
    await page.keyboard.type(words);
    await offers(page).first().waitFor();
    await page.keyboard.press('Enter');
  };
  await choose('switch dark');
  await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
  await choose('add a partner');
  await page.getByRole('dialog', { name: 'Add a partner' }).waitFor();
  await page.keyboard.press('Escape');
  await choose('sign out');
  await page.waitForURL('**/sign-in*');
  assert.equal(await page.getByText('Your session has ended').count(), 0);
});

testPage('keys lead to the screens, and can be turned off', async (site) => {
  const page = await site.open('manager', '/reference');
  await page.keyboard.press('g');
  await page.keyboard.press('p');
  await page.waitForURL('**/partners');
  await settled(page);
  await page.locator('#partner-search').focus();
  await page.keyboard.type('gs?');
  assert.equal(new URL(page.url()).pathname, '/partners', 'in a field, letters are letters');
  await page.keyboard.press('Escape');
  await page.locator('h1').click();
  await page.keyboard.press('?');
  const list = page.getByRole('dialog', { name: 'Shortcuts of the keyboard' });
  await list.getByText('Go to Settings').waitFor();
  await list.getByRole('checkbox').uncheck();
  await page.keyboard.press('Escape');
  await list.waitFor({ state: 'hidden' });
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.keyboard.press('?');
  await openPalette(page);
  assert.equal(await list.isVisible(), false);
  assert.equal(new URL(page.url()).pathname, '/partners');
});

testPage('the palette and the list of keys look right everywhere', async (site) => {
  await site.checkLooks('manager', '/reference', async (page) => {
    await page.getByRole('button', { name: 'Find partners and actions' }).click();
    await finder(page).fill('brakes');
    await page.getByRole('option', { name: 'Brakes and Gears' }).waitFor();
    await checkAccessibility(page, 'the palette with what was found');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Shortcuts of the keyboard' }).waitFor();
  });
});

testPage('who sees one partner lands at it, and finds no way to the channel', async (site) => {
  const page = await site.open('partner', '/');
  await page.waitForURL('**/partners/ptn_*');
  await page.getByRole('heading', { name: 'Brakes and Gears', level: 1 }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Channel' }).count(), 0);
  await page.getByRole('link', { name: 'Your page' }).waitFor();
});

testPage('a session that ends under the page leads to the sign-in, and back to the same place', async (site) => {
  site.expect(/: 401$/);
  const page = await site.open('manager', '/partners?search=brakes');
  await page.context().clearCookies();
  await page.getByRole('link', { name: 'Brakes and Gears' }).click();
  await page.waitForURL('**/sign-in?to=*');
  await page.getByText('Your session has ended').waitFor();
  await page.getByLabel('Mail address').fill('mia@example.com');
  await page.getByLabel('Password').fill(password);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/partners/ptn_*');
  await page.getByRole('heading', { name: 'Brakes and Gears', level: 1 }).waitFor();
});

// What every screen has around it: the palette, the keys, the connection; and the channel itself.
import assert from 'node:assert/strict';
import { settled, password, testPage } from './browser.mjs';
import { checkAccessibility } from './axe.mjs';
import { must } from './server.mjs';

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
    const found = [];
    for (const name of names) {
      await finder(page).fill(name);
      found.push(await offers(page).getByText(name, { exact: true }).count() > 0);
    }
    await page.context().close();
    return found;
  };
  assert.deepEqual(await offered('administrator'), [true, true, true]);
  assert.deepEqual(await offered('manager'), [true, true, false]);
  assert.deepEqual(await offered('analyst'), [false, false, false]);
  assert.deepEqual(await offered('partner'), [false, false, false]);
});

testPage('every screen that the palette offers is there', async (site) => {
  const page = await site.open('administrator', '/reference');
  const screens = {
    'Possible duplicates': '/partners/duplicates',
    'Rows that belong to nobody': '/partners/unassigned',
    Organisation: '/settings/organisation',
    Users: '/settings/users',
    'API tokens': '/settings/tokens',
    Products: '/settings/products',
    'Exchange rates': '/settings/rates',
    'Your account': '/settings/account',
  };
  for (const [name, path] of Object.entries(screens)) {
    await openPalette(page);
    await finder(page).fill(name);
    await offers(page).getByText(name, { exact: true }).click();
    await page.waitForURL(`**${path}`);
    await settled(page);
    assert.equal(await page.getByText(/There is no such page|Not found/).count(), 0, path);
  }
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

const SECOND_MS = 1000;
const feed = (page) => page.getByRole('region', { name: 'As it happens' }).getByRole('listitem');
const today = (page, label) => page.getByRole('list', { name: 'Today' }).or(
  page.getByLabel('Today')).getByRole('button', { name: new RegExp(`^${label}`) });

const order = (site, amount) => must(site.directory, [
  'fact', 'add', 'Brakes and Gears', 'order', '--amount', amount, '--currency', 'EUR',
]);

testPage('a fact posted by another process appears within a second, and moves today', async (site) => {
  const page = await site.open('manager', '/');
  await page.getByText('Live', { exact: true }).waitFor();
  await today(page, 'Orders').getByText('0', { exact: true }).waitFor();
  order(site, '1234.56');
  const first = feed(page).first();
  await first.getByText('€1,234.56').waitFor({ timeout: SECOND_MS });
  await first.getByRole('link', { name: 'Brakes and Gears' }).waitFor();
  await today(page, 'Sales').getByText('€1,234.56').first().waitFor();
  await today(page, 'Orders').click();
  const opened = page.getByRole('dialog', { name: 'Number of sales' });
  await opened.getByText('1 fact', { exact: true }).waitFor();
  await opened.getByRole('link', { name: 'Brakes and Gears' }).waitFor();
});

testPage('a lost connection is said plainly, and what was missed is caught up', async (site) => {
  site.expect(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/);
  const page = await site.open('manager', '/');
  await page.getByText('Live', { exact: true }).waitFor();
  await site.server.kill();
  await page.getByText('Connection lost', { exact: true }).waitFor();
  await page.getByText(/the server has not answered since/).waitFor();
  await checkAccessibility(page, 'the channel without a connection');
  await page.getByRole('button', { name: 'Try now' }).click();
  await page.getByText('Connection lost', { exact: true }).waitFor();
  order(site, '77.01');
  await site.restart();
  // The page tries by itself, later each time.
  await page.getByText('Live', { exact: true }).waitFor({ timeout: 30_000 });
  await feed(page).first().getByText('€77.01').waitFor();
  await page.getByText('Connected again: 1 fact came meanwhile.').waitFor();
  await page.getByText(/the server has not answered since/).waitFor({ state: 'hidden' });
});

testPage('a page without a network says that it is offline', async (site) => {
  site.expect(/ERR_INTERNET_DISCONNECTED/);
  const page = await site.open('manager', '/');
  await page.context().setOffline(true);
  await page.getByText('You are offline.').waitFor();
  await page.context().setOffline(false);
  await page.getByText('You are offline.').waitFor({ state: 'hidden' });
  await page.getByText('Live', { exact: true }).waitFor();
});

testPage('a page learns that the program was upgraded under it', async (site) => {
  site.expect(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/);
  const page = await site.open('manager', '/');
  await page.getByText('Live', { exact: true }).waitFor();
  await site.server.kill();
  // What another build would say of itself.
  await page.route('**/_app/version.json', (route) => route.fulfill({ json: { version: 'next' } }));
  await site.restart();
  await page.getByText('Rapport was upgraded.').waitFor();
  await page.getByRole('button', { name: 'Load the new one' }).click();
  await page.waitForLoadState();
  await settled(page);
  await page.getByRole('heading', { name: 'Channel', level: 1 }).waitFor();
});

testPage('many facts at once are one line with their kinds, not a flood', async (site) => {
  const page = await site.open('manager', '/');
  await page.getByText('Live', { exact: true }).waitFor();
  const token = site.server.makeToken('manager');
  const partner = JSON.parse(
    must(site.directory, ['partner', 'show', 'Brakes and Gears', '--json']),
  ).id;
  const row = (i) => JSON.stringify({
    partner, kind: 'call.made', at: new Date().toISOString(), source: 'bulk', external_id: `b${i}`,
  });
  const raw = Array.from({ length: 20000 }, (_, i) => row(i)).join('\n');
  const answer = await site.server.ask('POST', '/api/v1/facts', {
    token, raw, headers: { 'content-type': 'application/x-ndjson' },
  });
  assert.equal(answer.status, 200, answer.text.slice(0, 300));
  await feed(page).getByText(/facts: Call made/).first().waitFor();
  assert.ok(await feed(page).count() <= 61, 'the feed stays short');
});

testPage('the channel says who needs somebody, and leads to what helps', async (site) => {
  const page = await site.open('manager', '/');
  const part = page.getByRole('region', { name: 'Needs attention' });
  await part.getByRole('button', { name: /^Silent/ }).click();
  await page.waitForURL('**/?reason=silent');
  const first = part.getByRole('listitem').first();
  await first.getByText(/^No order for \d+ days/).waitFor();
  await first.getByRole('link', { name: 'Log a call' }).click();
  await page.waitForURL('**/partners/ptn_*');
  await page.getByRole('dialog', { name: /Log/ }).waitFor();
});

testPage('an analyst sees who needs somebody, and no button that is not theirs', async (site) => {
  const page = await site.open('analyst', '/');
  const part = page.getByRole('region', { name: 'Needs attention' });
  await part.getByText(/^No order for/).first().waitFor();
  assert.equal(await part.getByRole('link', { name: /Log a call|Merge|Assign rows/ }).count(), 0);
});

testPage('leaders turn into laggards, and the choice stands in the address', async (site) => {
  const page = await site.open('manager', '/');
  const leaders = page.getByRole('region', { name: 'Leaders' });
  const best = await leaders.getByRole('listitem').first().innerText();
  await leaders.getByLabel('Which stand first').selectOption('lowest');
  const last = page.getByRole('region', { name: 'Laggards' }).getByRole('listitem').first();
  await last.waitFor();
  assert.equal(new URL(page.url()).searchParams.get('order'), 'lowest');
  await page.waitForFunction((text) => !document.body.innerText.includes(text), best);
  await last.getByRole('link', { name: /its facts/ }).click();
  await page.waitForURL('**/metrics?number=sales&*');
});

testPage('a group narrows the channel with all that needs attention, and can be shared', async (site) => {
  const page = await site.open('analyst', '/?country=CA');
  await page.getByText('A group of partners').waitFor();
  assert.equal(await page.getByLabel('Country').inputValue(), 'CA');
  await feed(page).first().waitFor();
  const chip = page.getByRole('region', { name: 'Needs attention' })
    .getByRole('button', { name: /^Silent/ });
  const silent = async () => Number((await chip.innerText()).replace(/\D/g, ''));
  const ofCanada = await silent();
  await page.getByRole('button', { name: 'Whole channel' }).click();
  await page.waitForURL((url) => !url.search);
  await chip.filter({ hasNotText: String(ofCanada) }).waitFor();
  assert.ok(await silent() > ofCanada, 'the whole channel has more');
});

testPage('an empty channel asks for files before anything else, and fills as facts come', async (site) => {
  const page = await site.open('manager', '/');
  const call = page.locator('main').getByRole('link', { name: 'Import files' });
  await call.waitFor();
  await page.getByText('Begin with the files you have').waitFor();
  const first = page.locator('main section').first();
  assert.equal(await first.getByRole('link', { name: 'Import files' }).count(), 1);
  await page.getByText('Nothing has happened yet').waitFor();
  await page.getByText(/^curl http.*\/api\/v1\/facts/).waitFor();
  await page.getByRole('button', { name: 'Copy a first fact for the API' }).waitFor();
  for (const part of ['Over time', 'Leaders', 'Needs attention'])
    assert.equal(await page.getByRole('region', { name: part }).count(), 0, part);
  await page.locator('.state.live').waitFor();
  must(site.directory, ['partner', 'add', 'First Bikes']);
  must(site.directory, ['fact', 'add', 'First Bikes', 'call.made']);
  await page.getByRole('region', { name: 'Leaders' }).waitFor();
  await feed(page).getByText('First Bikes').waitFor();
  assert.equal(await call.count(), 0);
}, { sample: false });

testPage('an empty channel shows the call for files without scrolling, in every look', async (site) => {
  await site.checkLooks('manager', '/', async (page) => {
    const call = page.locator('main').getByRole('link', { name: 'Import files' });
    const { y, height } = await call.boundingBox();
    assert.ok(y + height < page.viewportSize().height / 2, `at ${y}`);
  });
}, { sample: false });

testPage('who may not import is not asked to', async (site) => {
  const page = await site.open('analyst', '/');
  await page.getByText('No numbers yet').waitFor();
  assert.equal(await page.getByRole('link', { name: 'Import files' }).count(), 0);
}, { sample: false });

testPage('the channel looks right everywhere', async (site) => {
  await site.checkLooks('manager', '/', async (page) => {
    await page.getByText(/^No order for/).first().waitFor();
  });
});

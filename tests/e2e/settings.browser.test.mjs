// The settings, as an administrator works with them and as others see them.
import assert from 'node:assert/strict';
import { password, settled, testPage } from './browser.mjs';
import { checkAccessibility } from './axe.mjs';

const toast = (page) => page.locator('.toasts');
const undo = (page) => toast(page).getByRole('button', { name: 'Undo' }).click();
const row = (page, name) => page.getByRole('row', { name });
const dialog = (page, name) => page.getByRole('dialog', { name });
const category = (form) => form.getByRole('textbox', { name: /^Category/ });
const tabs = (page) => page.getByRole('navigation', { name: 'Settings' }).getByRole('link');

// The API as somebody else uses it meanwhile.
function outside(site) {
  const token = site.server.makeToken('administrator');
  return (method, path, body, headers) =>
    site.server.ask(method, `/api/v1${path}`, { token, body, headers });
}

async function act(page, of, name) {
  await of.getByRole('button', { name: 'Actions' }).click();
  await page.getByRole('menuitem', { name, exact: true }).click();
}

testPage('the point of contact is given by the keyboard alone, and a wrong phone says so', async (site) => {
  site.expect(/^PATCH \/api\/v1\/organisation: 400$/);
  const page = await site.open('administrator', '/settings/organisation');
  await page.getByRole('button', { name: 'Edit' }).focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('Person').fill('Paula Post');
  await page.getByLabel('Phone').fill('12');
  await page.keyboard.press('Enter');
  const phone = page.getByLabel('Phone');
  await page.getByRole('alert').waitFor();
  assert.equal(await phone.getAttribute('aria-invalid'), 'true');
  assert.match(await page.getByRole('alert').innerText(), /phone/i);
  await phone.fill('01 5880 1234');
  await page.keyboard.press('Enter');
  await toast(page).getByText('Saved.').waitFor();
  await page.getByText('+43 1 58801234').or(page.getByText('+43158801234')).waitFor();
  const { body } = await outside(site)('GET', '/organisation');
  assert.equal(body.point_of_contact.name, 'Paula Post');
});

testPage('two who edit the organisation lose nothing', async (site) => {
  site.expect(/^PATCH \/api\/v1\/organisation: 412$/);
  const ask = outside(site);
  const page = await site.open('administrator', '/settings/organisation');
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Person').fill('My Person');
  await page.getByLabel('Mail address').fill('mine@example.com');
  const { body } = await ask('GET', '/organisation');
  const theirs = { contact_name: 'Their Person', name: 'Their Name' };
  const changed = await ask('PATCH', '/organisation', theirs, { 'if-match': `"${body.version}"` });
  assert.equal(changed.status, 200);
  await page.getByRole('button', { name: 'Save' }).click();
  const panel = page.getByRole('region', { name: 'Somebody else changed this too' });
  assert.equal(await page.getByRole('button', { name: 'Save' }).isDisabled(), true);
  await panel.getByRole('group', { name: 'Person' }).getByLabel('Theirs Their Person').check();
  await page.getByText('Their Name').first().waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await toast(page).getByText('Saved.').waitFor();
  const saved = (await ask('GET', '/organisation')).body;
  assert.deepEqual([saved.name, saved.point_of_contact.name, saved.point_of_contact.email],
    ['Their Name', 'Their Person', 'mine@example.com']);
});

testPage('a user is added, told what is wrong, changed, kept out and let in again', async (site) => {
  site.expect(/^POST \/api\/v1\/users: 400$/);
  const page = await site.open('administrator', '/settings/users');
  await page.getByRole('button', { name: 'Add a user' }).click();
  const form = dialog(page, 'Add a user');
  await form.getByLabel('Mail address').fill('nina@example.com');
  await form.getByLabel('Name').fill('Nina New');
  await form.getByLabel('Role', { exact: true }).selectOption('analyst');
  await form.getByLabel('Password').fill('short');
  await page.keyboard.press('Enter');
  await form.getByRole('alert').waitFor();
  assert.equal(await form.getByLabel('Password').getAttribute('aria-invalid'), 'true');
  assert.equal(await form.getByLabel('Name').inputValue(), 'Nina New', 'nothing typed is lost');
  await form.getByLabel('Password').fill(password);
  await page.keyboard.press('Enter');
  await form.waitFor({ state: 'hidden' });
  const nina = row(page, /^Nina New nina@example.com analyst/);
  await act(page, nina, 'Change name or role');
  await dialog(page, 'Nina New').getByLabel('Role').selectOption('manager');
  await page.getByRole('button', { name: 'Save' }).click();
  await row(page, /^Nina New nina@example.com manager/).waitFor();
  assert.equal((await site.server.signIn('nina@example.com', password)).status, 201);
  await act(page, row(page, /^Nina New/), 'Keep out');
  await row(page, /^Nina New kept out/).waitFor();
  assert.equal((await site.server.signIn('nina@example.com', password)).status, 401);
  await undo(page);
  await row(page, /^Nina New nina@/).waitFor();
  assert.equal((await site.server.signIn('nina@example.com', password)).status, 201);
});

testPage('a partner’s user needs its partner, which is found by typing', async (site) => {
  site.expect(/^POST \/api\/v1\/users: 400$/);
  const page = await site.open('administrator', '/settings/users');
  await page.getByRole('button', { name: 'Add a user' }).click();
  const form = dialog(page, 'Add a user');
  await form.getByLabel('Mail address').fill('zoe@example.com');
  await form.getByLabel('Role', { exact: true }).selectOption('partner');
  await form.getByRole('button', { name: 'Add' }).click();
  await form.getByRole('alert').waitFor();
  const picker = form.getByLabel('Partner');
  assert.equal(await picker.getAttribute('aria-invalid'), 'true');
  await picker.pressSequentially('Field Trip');
  await page.getByRole('option', { name: /Field Trip Store/ }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await form.getByRole('button', { name: 'Add' }).click();
  await form.waitFor({ state: 'hidden' });
  await row(page, /zoe@example.com/).getByRole('link', { name: 'its partner' }).click();
  await page.getByRole('heading', { name: 'Field Trip Store' }).waitFor();
});

testPage('two who change one user lose nothing', async (site) => {
  site.expect(/^PATCH .*: 412$/);
  const ask = outside(site);
  const page = await site.open('administrator', '/settings/users');
  await act(page, row(page, /ana@example.com/), 'Change name or role');
  const form = page.getByRole('dialog');
  await form.getByLabel('Name').fill('Ana Mine');
  const { body } = await ask('GET', '/users');
  const ana = body.items.find((each) => each.email === 'ana@example.com');
  await ask('PATCH', `/users/${ana.id}`, { name: 'Ana Theirs' }, { 'if-match': `"${ana.version}"` });
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByLabel('Yours Ana Mine').check();
  await form.getByRole('button', { name: 'Save' }).click();
  await row(page, /^Ana Mine/).waitFor();
});

testPage('a password that is set for somebody works, and ends their sessions', async (site) => {
  const before = await site.cookie('analyst');
  const page = await site.open('administrator', '/settings/users');
  await act(page, row(page, /ana@example.com/), 'Set a password');
  await dialog(page, /^Password of/).getByLabel('New password').fill('another harbour lamp 8');
  await page.keyboard.press('Enter');
  await toast(page).getByText('is signed out everywhere').waitFor();
  const cookie = `${before.name}=${before.value}`;
  assert.equal((await site.server.ask('GET', '/api/v1/session', { cookie })).status, 401);
  assert.equal((await site.server.signIn('ana@example.com', 'another harbour lamp 8')).status, 201);
});

testPage('a token is made, shown once, works, and works no longer', async (site) => {
  const page = await site.open('administrator', '/settings/tokens');
  await page.getByRole('button', { name: 'Create a token' }).click();
  const form = dialog(page, 'Create a token');
  await form.getByLabel('Name').fill('The warehouse');
  await form.getByLabel('Role', { exact: true }).selectOption('analyst');
  await page.keyboard.press('Enter');
  const shown = dialog(page, 'The secret of The warehouse');
  const secret = (await shown.locator('pre').first().innerText()).trim();
  const answer = () => site.server.ask('GET', '/api/v1/session', { token: secret });
  assert.equal((await answer()).body.role, 'analyst');
  await shown.getByRole('button', { name: 'I have it' }).click();
  assert.equal(await page.getByText(secret).count(), 0);
  await page.getByRole('button', { name: 'Revoke The warehouse' }).click();
  await page.keyboard.press('Escape');
  assert.equal((await answer()).status, 200, 'asked, and nothing done');
  await page.getByRole('button', { name: 'Revoke The warehouse' }).click();
  await dialog(page, 'Revoke The warehouse?').getByRole('button', { name: 'Revoke' }).click();
  await row(page, /^The warehouse .* revoked/).waitFor();
  assert.equal((await answer()).status, 401);
});

testPage('a token without a scope says so', async (site) => {
  site.expect(/^POST \/api\/v1\/tokens: 400$/);
  const page = await site.open('administrator', '/settings/tokens');
  await page.getByRole('button', { name: 'Create a token' }).click();
  const form = dialog(page, 'Create a token');
  await form.getByLabel('Name').fill('Nothing');
  await form.getByLabel('Read what the role may read').uncheck();
  await form.getByRole('button', { name: 'Create' }).click();
  await form.getByRole('alert').waitFor();
  assert.match(await form.getByRole('alert').innerText(), /scope/i);
});

testPage('a product is added, told what is wrong, changed, archived and back', async (site) => {
  site.expect(/^POST \/api\/v1\/products: 400$/);
  const page = await site.open('manager', '/settings/products');
  await page.getByRole('button', { name: 'Add a product' }).click();
  const form = dialog(page, 'Add a product');
  await form.getByLabel('Name').fill('Zebra Bell');
  await form.getByLabel('Standard cost of one unit').fill('twelve');
  await page.keyboard.press('Enter');
  await form.getByRole('alert').waitFor();
  assert.equal(
    await form.getByLabel('Standard cost of one unit').getAttribute('aria-invalid'), 'true');
  await form.getByLabel('Standard cost of one unit').fill('12.50');
  await page.keyboard.press('Enter');
  await form.waitFor({ state: 'hidden' });
  await page.getByLabel('Name or code begins with').fill('Zebra');
  await page.waitForURL('**/products?prefix=Zebra');
  await row(page, /^Zebra Bell .*€12\.50/).waitFor();
  await act(page, row(page, /^Zebra Bell/), 'Change');
  await category(dialog(page, 'Zebra Bell')).fill('Bells');
  await page.getByRole('button', { name: 'Save' }).click();
  await row(page, /^Zebra Bell Bells/).waitFor();
  await act(page, row(page, /^Zebra Bell/), 'Archive');
  await page.getByText('No product is like that.').waitFor();
  await undo(page);
  await row(page, /^Zebra Bell Bells/).waitFor();
});

testPage('two who change one product lose nothing', async (site) => {
  site.expect(/^PATCH .*: 412$/);
  const ask = outside(site);
  const made = (await ask('POST', '/products', { name: 'Zebra Bell', category: 'Bells' })).body;
  const page = await site.open('manager', '/settings/products?prefix=Zebra');
  await act(page, row(page, /^Zebra Bell/), 'Change');
  const form = page.getByRole('dialog');
  await category(form).fill('Mine');
  const theirs = { category: 'Theirs', code: 'ZB-1' };
  await ask('PATCH', `/products/${made.id}`, theirs, { 'if-match': `"${made.version}"` });
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByLabel('Yours Mine').check();
  await form.getByRole('button', { name: 'Save' }).click();
  await row(page, /^Zebra Bell ZB-1 Mine/).waitFor();
});

testPage('an exchange rate is set, a wrong one refused, and one removed comes back', async (site) => {
  site.expect(/^PUT \/api\/v1\/rates: 400$/);
  const page = await site.open('administrator', '/settings/rates');
  await page.getByLabel('Day').fill('2026-01-15');
  await page.getByLabel('Currency').fill('zzz');
  await page.getByLabel('EUR for one').fill('0.9');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Currency').fill('chf');
  await page.keyboard.press('Enter');
  const rate = row(page, /^Jan 15, 2026 CHF 0\.9/);
  await rate.waitFor();
  await rate.getByRole('button', { name: /^Remove the rate of CHF/ }).click();
  await rate.waitFor({ state: 'hidden' });
  await undo(page);
  await rate.waitFor();
});

testPage('the history tells who changed what', async (site) => {
  const ask = outside(site);
  await ask('POST', '/products', { name: 'Zebra Bell' });
  const page = await site.open('administrator', '/settings/history');
  await row(page, /product/).filter({ hasText: 'Zebra Bell' }).first().waitFor();
});

testPage('one’s own password needs the one before, and the theme is chosen', async (site) => {
  site.expect(/^PUT \/api\/v1\/session\/password: 4\d\d$/);
  const page = await site.open('manager', '/settings/account');
  await page.getByLabel('Password now').fill('not my password');
  await page.getByLabel('New password').fill('another harbour lamp 8');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Password now').fill(password);
  await page.getByLabel('New password').fill('another harbour lamp 8');
  await page.keyboard.press('Enter');
  await toast(page).getByText('Your password is changed.').waitFor();
  assert.equal((await site.server.signIn('mia@example.com', 'another harbour lamp 8')).status, 201);
  await page.getByLabel('Dark', { exact: true }).check();
  await page.reload();
  await settled(page);
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
});

testPage('each role sees its settings, and no button that is not its own', async (site) => {
  site.expect(/^GET \/api\/v1\/(users|tokens|history|rates): 403$/);
  const seen = async (role) => {
    const page = await site.open(role, '/settings');
    await tabs(page).first().waitFor();
    return [page, await tabs(page).allInnerTexts()];
  };
  const [analyst, ofAnalyst] = await seen('analyst');
  assert.deepEqual(ofAnalyst, ['Organisation', 'Products', 'Exchange rates', 'DNS', 'Your account']);
  for (const path of ['organisation', 'products', 'rates', 'dns']) {
    await analyst.goto(`/settings/${path}`);
    await settled(analyst);
    const buttons = analyst.locator('main').getByRole('button', { name: /Edit|Add|Set|Remove|Actions/ });
    assert.equal(await buttons.count(), 0, path);
  }
  await analyst.goto('/settings/users');
  await analyst.getByText('Not for your role').waitFor();
  const [, ofPartner] = await seen('partner');
  assert.deepEqual(ofPartner, ['Organisation', 'Products', 'Your account']);
  const [, ofManager] = await seen('manager');
  assert.deepEqual(ofManager, ofAnalyst);
});

// A dialog that is open for each screen that has one.
const opened = {
  organisation: (page) => page.getByRole('button', { name: 'Edit' }).click(),
  users: (page) => page.getByRole('button', { name: 'Add a user' }).click(),
  tokens: (page) => page.getByRole('button', { name: 'Create a token' }).click(),
  products: (page) => page.getByRole('button', { name: 'Add a product' }).click(),
  rates: async () => {},
  history: async () => {},
  account: async () => {},
};

for (const [part, open] of Object.entries(opened)) {
  testPage(`the settings’ ${part} are for everybody in every look`, async (site) => {
    const ask = outside(site);
    await ask('PUT', '/rates', { rates: [{ day: '2026-01-15', currency: 'CHF', rate: '0.9' }] });
    await site.checkLooks('administrator', `/settings/${part}`, async (page) => {
      await checkAccessibility(page, `${part} as it is`);
      await open(page);
    });
  });
}

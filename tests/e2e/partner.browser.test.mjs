// One partner's screen, as a manager, an analyst and the partner itself use it.
import assert from 'node:assert/strict';
import { settled, testPage } from './browser.mjs';

const name = 'Brakes and Gears';

// The API as a script uses it: what another process, or somebody else, does meanwhile.
function outside(site, role = 'manager') {
  const token = site.server.makeToken(role);
  return async (method, path, body, headers) => {
    const answer = await site.server.ask(method, `/api/v1${path}`, { token, body, headers });
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  };
}

async function begin(site) {
  const ask = outside(site);
  const { items } = await ask('GET', `/partners?search=${encodeURIComponent(name)}`);
  const partner = items.find((each) => each.name === name);
  return { ask, partner, path: `/partners/${partner.id}` };
}

let facts = 0;
function order(partner, amount, at = new Date()) {
  return {
    partner: partner.id, kind: 'order', at: at.toISOString(), amount, currency: 'USD',
    source: 'e2e', external_id: `order-${++facts}`,
  };
}

const tile = (page, label) =>
  page.getByRole('region', { name: /^Live report/ }).getByRole('button', { name: label });
const toast = (page) => page.locator('.toasts');
const undo = (page) => toast(page).getByRole('button', { name: 'Undo' }).click();

testPage('a fact that another process posts moves the live report within a second', async (site) => {
  const { ask, partner, path } = await begin(site);
  const page = await site.open('manager', path);
  await page.getByText('Live', { exact: true }).first().waitFor();
  await page.locator('.state.live').waitFor();
  const before = Number(await tile(page, /^Sales orders/).locator('.value').textContent());
  await ask('POST', '/facts', order(partner, '4321.00'));
  const from = Date.now();
  await tile(page, new RegExp(`^Sales orders ${before + 1}`)).waitFor({ timeout: 1000 });
  const latest = page.getByRole('table', { name: 'Latest orders' });
  await latest.getByText('$4,321.00').waitFor({ timeout: 1000 });
  assert.ok(Date.now() - from < 2000);
  await page.getByRole('table', { name: 'Activity' }).getByText('$4,321.00').waitFor();
  await ask('POST', '/facts', {
    ...order(partner), kind: 'call.made', quantity: '300', amount: null, currency: null,
  });
  await tile(page, /^Phone calls made 1 5 min/).waitFor({ timeout: 2000 });
});

testPage('a number opens to its facts, and its address can be shared', async (site) => {
  const { ask, partner, path } = await begin(site);
  await ask('POST', '/facts', order(partner, '4321.00'));
  const page = await site.open('analyst', path);
  await tile(page, /^Sales orders/).click();
  const drawer = page.getByRole('dialog', { name: 'Number of sales' });
  await drawer.getByText('number of orders').waitFor();
  await drawer.getByRole('table').getByText('$4,321.00').waitFor();
  assert.equal(new URL(page.url()).searchParams.get('number'), 'orders');
  await page.reload();
  await drawer.getByRole('table').getByText('$4,321.00').waitFor();
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'hidden' });
  await page.waitForURL((url) => !url.searchParams.has('number'));
});

testPage('a step of a chart opens what happened in it, by the keyboard alone', async (site) => {
  const { ask, partner, path } = await begin(site);
  await ask('POST', '/facts', order(partner, '4321.00'));
  const page = await site.open('manager', `${path}/metrics`);
  const chart = page.getByRole('group', { name: /^Sales over time/ });
  await chart.locator('canvas').waitFor();
  await chart.focus();
  await page.keyboard.press('End');
  await page.getByText(/: Sales \$4,321\.00/).first().waitFor({ state: 'attached' });
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog', { name: 'Sales' });
  await drawer.getByText('1 fact', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  const all = page.getByRole('table', { name: 'Metrics with their formulas' });
  await all.getByText('Σ order total', { exact: true }).waitFor();
});

testPage('products by a metric open the facts of one product', async (site) => {
  const { path } = await begin(site);
  const page = await site.open('manager', `${path}/metrics?window=1y`);
  const products = page.getByRole('table', { name: 'Products by amount' });
  const first = products.getByRole('button').first();
  const product = await first.textContent();
  await first.click();
  const drawer = page.getByRole('dialog');
  await drawer.getByRole('table').getByText(product).first().waitFor();
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'hidden' });
  await page.getByLabel('Products by').selectOption('Units');
  await page.getByRole('table', { name: 'Products by units' }).waitFor();
});

testPage('two who edit one record lose nothing: theirs and yours, field by field', async (site) => {
  const { ask, partner, path } = await begin(site);
  site.expect(/^PATCH .*: 412$/);
  const page = await site.open('manager', `${path}/record`);
  await page.getByRole('button', { name: 'Edit the record' }).click();
  await page.getByLabel('City').fill('Mine City');
  await page.getByLabel('Tier').fill('gold');
  const { version } = await ask('GET', path);
  await ask('PATCH', path, { city: 'Their City', region: 'Their Region' },
    { 'if-match': `"${version}"` });
  await page.getByRole('button', { name: 'Save' }).click();
  const panel = page.getByRole('region', { name: 'Somebody else changed this too' });
  const city = panel.getByRole('group', { name: 'City' });
  await city.getByLabel('Theirs Their City').waitFor();
  assert.equal(await panel.getByRole('group').count(), 1);
  await page.getByText('Region: ', { exact: false }).getByText('Their Region').waitFor();
  assert.equal(await page.getByLabel('Tier').inputValue(), 'gold');
  assert.equal(await page.getByRole('button', { name: 'Save' }).isDisabled(), true);
  await city.getByLabel('Yours Mine City').check();
  await page.getByRole('button', { name: 'Save' }).click();
  await toast(page).getByText('Saved.').waitFor();
  const saved = await ask('GET', path);
  assert.deepEqual([saved.city, saved.region, saved.tier], ['Mine City', 'Their Region', 'gold']);
  assert.equal(saved.name, partner.name);
});

testPage('what somebody else changed elsewhere does not stop a save', async (site) => {
  const { ask, path } = await begin(site);
  site.expect(/^PATCH .*: 412$/);
  const page = await site.open('manager', `${path}/record?edit=1`);
  await page.getByLabel('Tier').fill('gold');
  const { version } = await ask('GET', path);
  await ask('PATCH', path, { sla: 'Next day' }, { 'if-match': `"${version}"` });
  await page.keyboard.press('Enter');
  await toast(page).getByText('Saved.').waitFor();
  await page.getByText('Next day').waitFor();
  const saved = await ask('GET', path);
  assert.deepEqual([saved.tier, saved.sla], ['gold', 'Next day']);
});

testPage('wrong input says so at its field and changes nothing', async (site) => {
  const { ask, path } = await begin(site);
  site.expect(/^PATCH .*: 400$/);
  const before = (await ask('GET', path)).phone;
  const page = await site.open('manager', `${path}/record?edit=1`);
  await page.getByLabel('Phone optional').fill('12');
  await page.getByRole('button', { name: 'Save' }).click();
  const field = page.locator('input[aria-invalid="true"]');
  await field.waitFor();
  assert.equal(await field.inputValue(), '12');
  assert.ok((await page.getByRole('alert').textContent()).length > 10);
  assert.equal((await ask('GET', path)).phone, before);
});

testPage('a call is logged, seen at once, and undone', async (site) => {
  const { ask, partner, path } = await begin(site);
  const page = await site.open('manager', path);
  await page.getByRole('button', { name: 'Log activity' }).click();
  const dialog = page.getByRole('dialog', { name: 'Log activity' });
  await dialog.getByLabel('Minutes').fill('12');
  await dialog.getByLabel('Note').fill('Spoke about the spring order.');
  await dialog.getByRole('button', { name: 'Log it' }).click();
  await toast(page).getByText('Logged: Call made.').waitFor();
  await tile(page, /^Phone calls made 1 12 min/).waitFor();
  await undo(page);
  await tile(page, /^Phone calls made 0/).waitFor();
  const { items } = await ask('GET', `/facts?partner=${partner.id}&kind=call.made`);
  assert.equal(items.length, 2);
  assert.ok(items.some((fact) => fact.note === 'Spoke about the spring order.'));
});

testPage('a fact is found by kind and day, and taken back', async (site) => {
  const { ask, partner, path } = await begin(site);
  await ask('POST', '/facts', order(partner, '4321.00', new Date('2026-01-10T12:00:00Z')));
  const page = await site.open('manager', `${path}/facts`);
  await page.getByLabel('Kind').selectOption('Order');
  await page.getByLabel('From').fill('2026-01-10');
  await page.getByLabel('To, with that day').fill('2026-01-10');
  const table = page.getByRole('table', { name: 'Facts' });
  await table.getByText('$4,321.00').waitFor();
  assert.equal(await table.getByRole('row').count(), 2);
  await table.getByRole('button').click();
  const drawer = page.getByRole('dialog', { name: 'Order' });
  await drawer.getByLabel('Why').fill('Sent twice.');
  await drawer.getByRole('button', { name: 'Take it back' }).click();
  await drawer.getByText('It counts no more.').waitFor();
  await drawer.getByRole('button', { name: 'Show the other row' }).click();
  await drawer.getByText('Sent twice.').waitFor();
  await page.keyboard.press('Escape');
  await table.locator('tr.reversed').waitFor();
});

testPage('the open deals open as a list of just these', async (site) => {
  const { ask, partner, path } = await begin(site);
  const deal = (kind, external_id, more) => ask('POST', '/facts', {
    ...order(partner, '500.00'), kind, external_id, ...more,
  });
  await deal('deal.registered', 'first', { amount: '111.00' });
  await deal('deal.registered', 'second', { amount: '222.00' });
  await deal('deal.won', 'first-won', { ref: 'first' });
  const page = await site.open('analyst', path);
  const tiles = page.getByRole('region', { name: /^Live report/ });
  await tiles.getByRole('link', { name: /^Deals open 1/ }).click();
  await page.waitForURL('**/facts?kind=deal.registered&open=1');
  const table = page.getByRole('table', { name: 'Facts' });
  await table.getByText('$222.00').waitFor();
  assert.equal(await table.getByText('$111.00').count(), 0);
  await page.getByLabel('Open only').uncheck();
  await table.getByText('$111.00').waitFor();
});

testPage('contacts are added, made the first to ask, archived and erased', async (site) => {
  const { ask, path } = await begin(site);
  const page = await site.open('manager', `${path}/contacts`);
  const add = async (person, mail) => {
    await page.getByRole('button', { name: 'Add a contact' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a contact' });
    await dialog.getByLabel('Name').fill(person);
    await dialog.getByLabel('Mail address').fill(mail);
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
  };
  await add('Eva Huber', 'eva@example.com');
  await add('Max Frisch', 'max@example.com');
  const row = (person) => page.getByRole('row').filter({ hasText: person });
  await row('Eva Huber').getByText('ask first').waitFor();
  const act = async (person, action) => {
    await row(person).getByRole('button', { name: 'Actions' }).click();
    await page.getByRole('menuitem', { name: action }).click();
  };
  await act('Max Frisch', 'Ask first');
  await row('Max Frisch').getByText('ask first').waitFor();
  await page.getByRole('link', { name: /^Write to Max Frisch/ }).waitFor();
  await act('Eva Huber', 'Archive');
  await row('Eva Huber').waitFor({ state: 'hidden' });
  await toast(page).filter({ hasText: 'Eva Huber is archived.' }).waitFor();
  await toast(page).locator('.toast').filter({ hasText: 'archived' })
    .getByRole('button', { name: 'Undo' }).click();
  await row('Eva Huber').waitFor();
  const saved = page.waitForEvent('download');
  await act('Eva Huber', 'Save the personal data');
  assert.match((await saved).suggestedFilename(), /^personal-data-con_.*\.json$/);
  await act('Eva Huber', 'Erase…');
  const dialog = page.getByRole('dialog', { name: 'Erase Eva Huber?' });
  await dialog.getByText('This cannot be undone.', { exact: false }).waitFor();
  await dialog.getByRole('button', { name: 'Erase' }).click();
  await row('Eva Huber').waitFor({ state: 'hidden' });
  assert.ok(!JSON.stringify(await ask('GET', `${path}/contacts`)).includes('Eva'));
});

testPage('status, manager, tags and archive change at once and have a way back', async (site) => {
  const { ask, path } = await begin(site);
  const page = await site.open('manager', path);
  await page.getByRole('button', { name: /^Status: active/ }).click();
  await page.getByRole('menuitem', { name: 'Make it suspended' }).click();
  await page.getByRole('button', { name: /^Status: suspended/ }).waitFor();
  await undo(page);
  await page.getByRole('button', { name: /^Status: active/ }).waitFor();
  const manager = page.getByLabel('Manager');
  const before = await manager.inputValue();
  const other = await manager.locator('option').evaluateAll(
    (options, taken) => options.map((each) => each.value).find((value) => value !== taken), before);
  await manager.selectOption(other);
  await toast(page).getByText(/is responsible now\./).waitFor();
  assert.equal((await ask('GET', path)).manager.id, other);
  await undo(page);
  await page.waitForFunction(
    (id) => document.querySelector('select[aria-label="Manager"]').value === id, before);
  await page.getByLabel('Add a tag').fill('key account');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Take off the tag key account' }).click();
  await undo(page);
  await page.getByRole('button', { name: 'Take off the tag key account' }).waitFor();
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Archive' }).click();
  await page.getByText('Archived: it is in no list and no total.').waitFor();
  await page.getByRole('button', { name: 'Take it back' }).click();
  await page.getByText('Archived: it is in no list').waitFor({ state: 'hidden' });
  await page.getByRole('link', { name: 'History' }).click();
  await page.getByRole('cell', { name: 'restored' }).waitFor();
});

testPage('one that is merged opens as the one that stays', async (site) => {
  const { ask, partner, path } = await begin(site);
  const double = await ask('POST', '/partners', { name: 'Breaks & Gears' });
  const page = await site.open('manager', `/partners/${double.id}`);
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: /^Merge/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Merge into another partner' });
  await dialog.getByLabel('The partner that stays').pressSequentially('Brakes and');
  await page.getByRole('option', { name }).click();
  await dialog.getByRole('button', { name: `Merge into ${name}` }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
  assert.ok(page.url().includes(path));
  await page.goto(`/partners/${double.id}/record`);
  await page.waitForURL(`**${path}/record`);
  assert.equal((await ask('GET', `/partners/${double.id}`)).id, partner.id);
});

testPage('an analyst sees everything and no button that is not theirs', async (site) => {
  const { path } = await begin(site);
  const page = await site.open('analyst', path);
  for (const part of ['', '/record?edit=1', '/contacts?add=1', '/facts']) {
    await page.goto(path + part);
    await settled(page);
    for (const button of [/^Log/, /^Edit/, /^Save$/, /^Add/, /^Status/, /^More actions/])
      assert.equal(await page.getByRole('button', { name: button }).count(), 0, `${part} ${button}`);
    assert.equal(await page.getByLabel('Add a tag').count(), 0);
  }
  await page.getByRole('link', { name: 'History' }).click();
  await page.getByRole('table', { name: 'History' }).waitFor();
});

testPage('a partner sees its own numbers, whom to ask, and nothing of the vendor', async (site) => {
  const { path } = await begin(site);
  const admin = outside(site, 'administrator');
  const { version } = await admin('GET', '/organisation');
  await admin('PATCH', '/organisation', {
    contact_name: 'Partner Desk', contact_email: 'desk@example.com',
  }, { 'if-match': `"${version}"` });
  const page = await site.open('partner', path);
  await page.getByText('Partner Desk').waitFor();
  await page.getByRole('link', { name: 'Write to Partner Desk: desk@example.com' }).waitFor();
  assert.equal(await page.getByText('Tags').count(), 0);
  assert.equal(await page.getByRole('link', { name: 'History' }).count(), 0);
  assert.equal(await page.getByRole('button', { name: 'Log activity' }).count(), 0);
  await page.goto(`${path}/metrics?window=5y`);
  await page.getByRole('row').filter({ hasText: 'Items sold' }).waitFor();
  assert.equal(await page.getByText('no data').count(), 0, 'nothing that no source delivers');
  assert.equal(await page.getByText('Gross margin').count(), 0);
  assert.equal(await page.getByRole('region', { name: 'Funnel' }).count(), 0);
  assert.equal(await page.getByRole('option', { name: 'Margin' }).count(), 0);
  await page.goto(path);
  await settled(page);
  await tile(page, /^Items sold/).waitFor();
  assert.equal(await tile(page, /no data/).count(), 0);
});

testPage('a partner that is not there says so', async (site) => {
  site.expect(/: 404$/);
  const page = await site.open('manager', '/partners/ptn_0000000000001');
  await page.getByText('Not found', { exact: true }).waitFor();
});

for (const part of ['', '/metrics?window=1y', '/record', '/record?edit=1', '/contacts?add=1',
  '/facts', '/history'])
  testPage(`a partner's ${part || 'live report'} is for everybody in every look`, async (site) => {
    const { path } = await begin(site);
    await site.checkLooks('manager', path + part);
  });

// A partner's domain and the channel's, in a real browser at real name servers.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { password, settled, testPage } from './browser.mjs';
import { NameServers } from './name_servers.mjs';
import { must } from './server.mjs';

let names;
before(async () => (names = await NameServers.start('127.55.0')));
after(() => names?.stop());

// The site in the laboratory, with these partners; their ids by name.
async function partners(site, rows) {
  must(site.directory, [...names.settings, '--watch', 'no']);
  const ids = {};
  for (const [name, fields] of Object.entries(rows)) {
    const args = Object.entries(fields).flatMap(([field, value]) => [`--${field}`, value]);
    const added = must(site.directory, ['partner', 'add', name, '--status', 'active', ...args,
      '--json']);
    ids[name] = JSON.parse(added).id;
  }
  return ids;
}

const button = (page, name) => page.getByRole('button', { name, exact: true });
const part = (page, name) => page.getByRole('region', { name, exact: true });

testPage('a manager checks a domain, takes over what was found, and sees it healthy', async (site) => {
  const ids = await partners(site, {
    Brakes: { domain: 'brakes.test', 'primary-dns': 'ns1.elsewhere.test' },
  });
  const page = await site.open('manager', `/partners/${ids.Brakes}`);
  await page.getByRole('navigation', { name: 'Partner' }).getByRole('link', { name: 'DNS' }).click();
  await page.getByText('Not checked yet').waitFor();
  await button(page, 'Check now').click();
  const domain = part(page, 'Domain');
  await domain.getByText(/^The record names ns1\.elsewhere\.test as primary DNS/).waitFor();
  const servers = page.getByRole('list', { name: 'Name servers' }).getByRole('listitem');
  assert.equal(await servers.filter({ hasText: 'Answers' }).count(), 2);
  assert.match(await servers.first().innerText(), /Primary[\s\S]*ns1\.brakes\.test[\s\S]*Version 2020010101/);
  await page.getByRole('button', { name: /^Take over ns1\.brakes\.test and ns2\.brakes\.test/ }).click();
  await domain.getByText('Healthy', { exact: true }).first().waitFor();
  assert.equal(await page.getByRole('button', { name: /^Take over/ }).count(), 0);
  const changes = part(page, 'What changed').getByRole('listitem');
  assert.equal(await changes.count(), 2);
  const shown = JSON.parse(must(site.directory, ['partner', 'show', 'Brakes', '--json']));
  assert.equal(shown.primary_dns, 'ns1.brakes.test');
}, { sample: false });

testPage('what changes elsewhere shows by itself, and is marked as seen', async (site) => {
  const ids = await partners(site, { Lame: { domain: 'lame.test' } });
  const channel = await site.open('manager', '/');
  const page = await site.open('manager', `/partners/${ids.Lame}/dns`);
  await page.getByText('Connected').or(page.getByText('Live')).first().waitFor();
  must(site.directory, ['dns', 'check', '--partner', 'Lame']);
  await page.getByText(/does not answer for it \(REFUSED\)/).first().waitFor();
  // The sample has just been made: then what needs attention shows some seconds later.
  const chip = channel.getByRole('button', { name: 'DNS 1' });
  for (let tries = 0; tries < 20 && !(await chip.count()); tries++) {
    await channel.waitForTimeout(1000);
    await channel.reload();
    await settled(channel);
  }
  await chip.click();
  await channel.getByRole('link', { name: 'See the DNS' }).click();
  await channel.waitForURL('**/dns');
  await settled(channel);
  await button(channel, 'Seen').click();
  await button(channel, 'Seen').waitFor({ state: 'detached' });
  assert.equal(JSON.parse(must(site.directory, ['dns', 'list', '--alarmed', '--json'])).length, 0);
});

testPage('proof is asked for, looked for, and found', async (site) => {
  const ids = await partners(site, { Gears: { domain: 'gears.test' } });
  const page = await site.open('manager', `/partners/${ids.Gears}/dns`);
  const proof = part(page, 'Proof of ownership');
  await proof.getByRole('button', { name: 'Ask for proof' }).click();
  const record = await proof.getByLabel('The record').innerText();
  assert.match(record, /^_rapport-challenge\.gears\.test\. TXT "rapport-verification=[0-9a-f]{32}"$/);
  await proof.getByRole('button', { name: 'Look for it now' }).click();
  await page.getByText('The record is not at every name server yet.').waitFor();
  await names.change('gears.test',
    `${names.ordinaryZone('gears.test', 2020010102)}${record}\n`);
  await proof.getByRole('button', { name: 'Look for it now' }).click();
  await proof.getByText('Proven', { exact: true }).waitFor();
  await names.change('gears.test', names.ordinaryZone('gears.test'));
}, { sample: false });

testPage('somebody of a proven domain asks for access, and is let in', async (site) => {
  const ids = await partners(site, { Gears: { domain: 'gears.test' } });
  must(site.directory, ['dns', 'settings', '--admit', 'yes']);
  const { record_text: text } =
    JSON.parse(must(site.directory, ['dns', 'prove', 'Gears', '--json']));
  await names.change('gears.test', names.ordinaryZone('gears.test', 2020010102) +
    `_rapport-challenge TXT "${text}"\n`);
  must(site.directory, ['dns', 'prove', 'Gears']);
  const asking = await site.open('nobody', '/ask-access');
  await asking.getByLabel('Your name').fill('Ann');
  await asking.getByLabel('Mail address').fill('ann@gears.test');
  await asking.getByLabel('Password').fill(password);
  await asking.keyboard.press('Enter');
  await asking.getByText(/somebody will look at this/).waitFor();
  const page = await site.open('manager', `/partners/${ids.Gears}/dns`);
  await button(page, 'Let Ann in').click();
  await page.getByText('Ann may sign in now.').waitFor();
  assert.equal((await site.server.signIn('ann@gears.test', password)).body.partner_id, ids.Gears);
  await names.change('gears.test', names.ordinaryZone('gears.test'));
  await site.checkLooks('nobody', '/ask-access');
}, { sample: false });

testPage('all domains are checked with progress, and looked at by verdict', async (site) => {
  await partners(site, Object.fromEntries(
    ['healthy', 'stale', 'lame', 'nothing'].map((each) => [each, { domain: `${each}.test` }])));
  const page = await site.open('manager', '/partners');
  await page.getByRole('link', { name: 'Domains', exact: true }).click();
  await button(page, 'Check all').click();
  const group = page.getByRole('group', { name: 'By verdict' });
  await group.getByRole('button', { name: 'Out of step 1' }).waitFor();
  await group.getByRole('button', { name: 'Healthy 1' }).waitFor();
  await group.getByRole('button', { name: 'Out of step 1' }).click();
  await page.waitForURL(/verdict=out_of_step/);
  const table = page.getByRole('table', { name: 'Domains' });
  await table.getByRole('row', { name: /stale/ }).waitFor();
  assert.equal(await table.getByRole('row').count(), 2);

  const form = part(page, 'Check any domain');
  await form.getByLabel('Domain').fill('no domain');
  await page.keyboard.press('Enter');
  site.expect(/^POST \/api\/v1\/dns\/check: 400$/);
  await form.getByText(/is no domain such as example\.com/).waitFor();
  await form.getByLabel('Domain').fill('Bücher.test');
  await page.keyboard.press('Enter');
  await form.getByRole('heading', { name: 'bücher.test' }).waitFor();
}, { sample: false });

testPage('an administrator sets how domains are checked; others read it', async (site) => {
  const page = await site.open('administrator', '/settings/dns');
  await page.getByLabel('Fill empty DNS fields of records by itself').check();
  await page.getByLabel('Hours between two checks').fill('12');
  await button(page, 'Save').click();
  await page.getByText('Saved.').waitFor();
  const shown = JSON.parse(must(site.directory, ['dns', 'settings', '--json']));
  assert.equal(shown.fill, 'yes');
  assert.equal(shown.every_hours, '12');
  // Somebody else was quicker.
  must(site.directory, ['dns', 'settings', '--every-hours', '6']);
  site.expect(/^PATCH \/api\/v1\/dns\/settings: 412$/);
  await page.getByLabel('Hours between two checks').fill('48');
  await button(page, 'Save').click();
  await button(page, 'Show what is set now').click();
  await page.waitForFunction(() => document.querySelector('input[type=number]').value === '6');
  const other = await site.open('manager', '/settings/dns');
  assert.equal(await button(other, 'Save').count(), 0);
  await site.checkLooks('administrator', '/settings/dns');
}, { sample: false });

testPage('every role sees what it may, in every look', async (site) => {
  const ids = await partners(site, {
    Lame: { domain: 'lame.test', 'primary-dns': 'ns9.elsewhere.test' },
    'Brakes and Gears': { domain: 'brakes.test' },
  });
  must(site.directory, ['dns', 'watch', '--all']);
  must(site.directory, ['dns', 'prove', 'Lame']);
  await site.checkLooks('manager', `/partners/${ids.Lame}/dns`);
  await site.checkLooks('manager', '/partners/dns', (page) =>
    page.getByRole('table', { name: 'Domains' }).waitFor());
  const page = await site.open('analyst', `/partners/${ids.Lame}/dns`);
  await page.getByText(/REFUSED/).first().waitFor();
  for (const name of ['Check now', 'Seen', 'Look for it now'])
    assert.equal(await button(page, name).count(), 0, name);
  await page.goto('/partners/dns');
  await settled(page);
  assert.equal(await button(page, 'Check all').count(), 0);
}, { sample: false });

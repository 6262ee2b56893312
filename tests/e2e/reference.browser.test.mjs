// The API's documentation, to read and to try.
import assert from 'node:assert/strict';
import { testPage } from './browser.mjs';
import { checkAccessibility } from './axe.mjs';

const calls = (page) => page.getByRole('navigation', { name: 'Calls' });
const trial = (page) => page.getByRole('region', { name: 'Try it' });
const told = (page) => trial(page).locator('pre').first();

testPage('a call is found, opened and sent, and the answer is the server’s', async (site) => {
  const page = await site.open('manager', '/reference');
  await page.getByLabel('Find a call').fill('list partners');
  await page.waitForURL('**/reference?find=list+partners');
  await calls(page).getByRole('link', { name: 'List and search partners' }).click();
  await page.waitForURL('**call=listPartners*');
  await trial(page).getByLabel('search').fill('brakes');
  await trial(page).getByLabel('limit').fill('1');
  await page.keyboard.press('Enter');
  await trial(page).getByText('200', { exact: true }).waitFor();
  const answer = JSON.parse(await told(page).innerText());
  assert.equal(answer.items[0].name, 'Brakes and Gears');
  const shell = await page.getByLabel('The same call for a shell').innerText();
  assert.match(shell, /^curl 'http.*\/api\/v1\/partners\?/);
  assert.match(shell, /search=brakes/);
});

testPage('a call that changes something really does, and says so before', async (site) => {
  const page = await site.open('manager', '/reference?call=createProduct');
  await trial(page).getByText('It really changes this installation.').waitFor();
  await trial(page).getByLabel('Body').fill('{"name": "Made by hand"}');
  await trial(page).getByRole('button', { name: 'Send' }).click();
  await trial(page).getByText('201', { exact: true }).waitFor();
  const token = site.server.makeToken('analyst', 'read');
  const { body } = await site.server.ask('GET', '/api/v1/products?prefix=Made', { token });
  assert.equal(body.items.length, 1);
});

testPage('a refusal is shown as the server words it', async (site) => {
  site.expect(/^POST \/api\/v1\/products: 4\d\d$/);
  const page = await site.open('analyst', '/reference?call=createProduct');
  await trial(page).getByLabel('Body').fill('{"name": "Not mine"}');
  await trial(page).getByRole('button', { name: 'Send' }).click();
  await trial(page).getByText('403', { exact: true }).waitFor();
  assert.equal(JSON.parse(await told(page).innerText()).status, 403);
});

testPage('the keyboard alone reads a call', async (site) => {
  const page = await site.open('analyst', '/reference');
  await page.getByLabel('Find a call').focus();
  await page.keyboard.type('pulse');
  await page.waitForURL('**find=pulse');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForURL('**call=*');
  await trial(page).getByText('/api/v1/pulse').waitFor();
  await trial(page).getByRole('button', { name: 'Send' }).focus();
  await page.keyboard.press('Enter');
  await trial(page).getByText('200', { exact: true }).waitFor();
});

testPage('what no call is called says so, and the stream is not tried', async (site) => {
  const page = await site.open('partner', '/reference?find=zzqx');
  await page.getByText('No call is like that.').waitFor();
  await page.getByLabel('Find a call').fill('stream');
  await calls(page).getByRole('link').first().click();
  await trial(page).getByText('A stream goes on for ever').waitFor();
  assert.equal(await trial(page).getByRole('button', { name: 'Send' }).count(), 0);
});

testPage('the reference looks right everywhere', async (site) => {
  await site.checkLooks('administrator', '/reference');
});

testPage('a call with its answer looks right everywhere', async (site) => {
  await site.checkLooks('manager', '/reference?call=listPartners', async (page) => {
    await checkAccessibility(page, 'a call before it is sent');
    await trial(page).getByRole('button', { name: 'Send' }).click();
    await trial(page).getByText('200', { exact: true }).waitFor();
  });
});

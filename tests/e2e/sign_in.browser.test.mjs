// Signing in on the page, and what it keeps of where one wanted to go.
import assert from 'node:assert/strict';
import { settled, password, testPage } from './browser.mjs';

async function signIn(page, email, given) {
  await page.getByLabel('Mail address').fill(email);
  await page.getByLabel('Password').fill(given);
  await page.keyboard.press('Enter');
}

testPage('who is not signed in comes to the sign-in, and then to where they wanted', async (site) => {
  const page = await site.open('nobody', '/reference?tag=Service');
  await page.waitForURL('**/sign-in?to=*');
  await signIn(page, 'mia@example.com', password);
  await page.waitForURL('**/reference?tag=Service');
  await settled(page);
});

testPage('who comes to the sign-in itself gets to the channel', async (site) => {
  const page = await site.open('nobody', '/sign-in');
  await signIn(page, 'mia@example.com', password);
  await page.waitForURL(`${site.server.url}/`);
  await settled(page);
});

testPage('who is signed in already goes on from the sign-in', async (site) => {
  const page = await site.open('analyst', '/sign-in?to=%2Freference');
  await page.waitForURL('**/reference');
});

testPage('the sign-in leads to no other site', async (site) => {
  const page = await site.open('nobody', '/sign-in?to=%2F%2Fexample.com%2F');
  await signIn(page, 'mia@example.com', password);
  await page.waitForURL(`${site.server.url}/`);
});

testPage('a wrong password says so, and empties the field', async (site) => {
  site.expect(/^POST \/api\/v1\/session: 401$/);
  const page = await site.open('nobody', '/sign-in');
  await signIn(page, 'mia@example.com', 'wrong');
  await page.getByRole('alert').waitFor();
  assert.equal(await page.getByLabel('Password').inputValue(), '');
  assert.equal(new URL(page.url()).pathname, '/sign-in');
});

testPage('the sign-in looks right everywhere', async (site) => {
  await site.checkLooks('nobody', '/sign-in');
});

// Every route × every role × own and foreign ids, out of the API document itself: a route that is
// added is walked without a line here.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allScopes, serve } from './server.mjs';

const roles = ['public', 'partner', 'analyst', 'manager', 'administrator'];
// What the guard answers with; every other code means that the route's own code was reached.
const guards = ['role', 'sign_in', 'scope'];
// Texts of a partner that its rival must never be shown.
const foreignTexts = ['Rival Foreign', 'Zacharias Foreign', 'foreign-secret'];
// What goods cost the vendor, and the margin that would tell it.
const cost = { amount: '3.21', margin: '0.679' };

// Objects of two partners, as far as the routes of this version can make them.
async function populate(server, token, paths) {
  const make = async (path, body, headers) => {
    const answer = await server.ask('POST', path, { token, body, headers });
    assert.ok(answer.status < 300, `POST ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  };
  const product = await make('/api/v1/products',
    { name: 'Shared product', cost: cost.amount, currency: 'EUR' });
  const made = { own: { products: product.id }, foreign: { products: product.id } };
  for (const [whose, name, person] of [
    ['own', 'Own Partner', 'Olga Own'],
    ['foreign', 'Rival Foreign', 'Zacharias Foreign'],
  ]) {
    const ids = made[whose];
    ids.partners = (await make('/api/v1/partners', { name })).id;
    ids.contacts = (await make(`/api/v1/partners/${ids.partners}/contacts`, { name: person })).id;
    if (paths['/api/v1/facts']) {
      const facts = await make('/api/v1/facts', {
        partner: ids.partners, kind: 'item', at: new Date().toISOString(), product: product.id,
        amount: '10.00', cost: cost.amount, currency: 'EUR',
        source: 'e2e', external_id: `${whose}-secret`,
      });
      ids.facts = JSON.stringify(facts).match(/fct_[0-9a-z]{13}/)[0];
    }
    const user = { email: `${whose}@example.com`, role: 'partner', partner_id: ids.partners };
    ids.users = (await make('/api/v1/users', user)).id;
    const draft = { name: whose, role: 'analyst', scopes: ['read'] };
    ids.tokens = (await make('/api/v1/tokens', draft)).id;
  }
  return made;
}

// The path with ids of the objects; `absent` for ids that no object has.
function fill(path, ids) {
  const resource = path.split('/')[3];
  return path.replace(/\{(\w+)\}/g, (_, name) => {
    if (name === 'id') return ids[resource] ?? 'imp_0000000000001';
    const other = name.replace(/_id$/, 's');
    return ids[other] ?? (name === 'code' ? 'sales' : 'word');
  });
}

const absent = {
  partners: 'ptn_0000000000001', contacts: 'con_0000000000001', products: 'prd_0000000000001',
  facts: 'fct_0000000000001', users: 'usr_0000000000001', tokens: 'tok_0000000000001',
};

// A change that the role may make goes to nothing, with a body that says nothing.
function request(operation, method, allowed) {
  const content = Object.keys(operation.requestBody?.content ?? {});
  const headers = { 'if-match': '"1"' };
  if (method === 'get' || !content.length) return { headers };
  if (content[0] === 'application/json')
    return { headers, body: allowed ? { zzz: 1 } : {} };
  return { headers: { ...headers, 'content-type': content[0] }, raw: '' };
}

function isPartnersOwn(path) {
  return ['partners', 'contacts', 'facts'].includes(path.split('/')[3]) && path.includes('{id}');
}

test('every route keeps every role to what is its own', { timeout: 240_000 }, async (t) => {
  const { server } = await serve(t);
  const administrator = server.makeToken('administrator');
  const document = (await server.ask('GET', '/api/v1/openapi.json')).body;
  const objects = await populate(server, administrator, document.paths);
  const tokens = { public: undefined, administrator };
  tokens.partner = server.makeToken('partner', allScopes, ['--partner', objects.own.partners]);
  for (const role of ['analyst', 'manager']) tokens[role] = server.makeToken(role);

  let walked = 0;
  const wrong = [];
  const check = (good, what, answer) => {
    walked++;
    if (!good) wrong.push(`${what}: ${answer.status} ${answer.text.slice(0, 200)}`);
  };

  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      assert.ok(operation['x-roles'].length > 0, `${method} ${path} has roles`);
      for (const role of roles) {
        const allowed = operation['x-roles'].includes(role);
        for (const whose of ['own', 'foreign']) {
          const changes = allowed && method !== 'get';
          const target = fill(path, changes ? absent : objects[whose]);
          const options = { token: tokens[role], ...request(operation, method, allowed) };
          const answer = await server.ask(method.toUpperCase(), target, options);
          const what = `${role} ${whose} ${method} ${target}`;
          const code = answer.body?.code;
          if (!allowed) {
            const status = role === 'public' ? 401 : 403;
            const expected = role === 'public' ? 'sign_in' : 'role';
            check(answer.status === status && code === expected, what, answer);
            continue;
          }
          check(!guards.includes(code) && code !== 'http' && answer.status < 500, what, answer);
          if (method === 'get' && role !== 'partner')
            check([200, 400, 404].includes(answer.status), what, answer);
          if (role !== 'partner') continue;
          check(!foreignTexts.some((text) => answer.text.includes(text)), what, answer);
          check(!answer.text.includes(objects.foreign.partners), what, answer);
          check(!Object.values(cost).some((text) => answer.text.includes(text)), what, answer);
          if (method !== 'get' || !isPartnersOwn(path)) continue;
          const expected = whose === 'own' ? [200] : [404];
          check(expected.includes(answer.status), what, answer);
        }
      }
    }
  }
  assert.deepEqual(wrong, []);
  t.diagnostic(`${walked} checks`);
});

test('a partner that signs in sees itself and nobody else', async (t) => {
  const { server } = await serve(t);
  const administrator = server.makeToken('administrator');
  const document = (await server.ask('GET', '/api/v1/openapi.json')).body;
  const objects = await populate(server, administrator, document.paths);
  await server.ask('PUT', `/api/v1/users/${objects.own.users}/password`, {
    token: administrator, body: { password: 'correct horse battery' },
  });
  const { cookie, body } = await server.signIn('own@example.com', 'correct horse battery');
  assert.equal(body.partner_id, objects.own.partners);
  const list = await server.ask('GET', '/api/v1/partners', { cookie });
  assert.deepEqual(list.body.items.map((partner) => partner.id), [objects.own.partners]);
  const rival = await server.ask('GET', `/api/v1/partners/${objects.foreign.partners}`, { cookie });
  assert.equal(rival.status, 404);
  const change = await server.ask('PATCH', `/api/v1/partners/${objects.own.partners}`, {
    cookie, headers: { 'if-match': '"1"' }, body: { name: 'Mine now' },
  });
  assert.equal(change.body.code, 'role');
});

test('no filter of a list shows a partner what is not its own', { timeout: 120_000 }, async (t) => {
  const { server } = await serve(t);
  const administrator = server.makeToken('administrator');
  const document = (await server.ask('GET', '/api/v1/openapi.json')).body;
  const objects = await populate(server, administrator, document.paths);
  const token = server.makeToken('partner', allScopes, ['--partner', objects.own.partners]);
  const leaks = [];
  for (const [path, { get }] of Object.entries(document.paths)) {
    if (!get || !get['x-roles'].includes('partner')) continue;
    for (const parameter of get.parameters ?? []) {
      if (parameter.in !== 'query') continue;
      for (const value of [objects.foreign.partners, 'Rival', 'Zacharias', 'e2e', 'foreign']) {
        const target = `${fill(path, objects.own)}?${parameter.name}=${value}`;
        const answer = await server.ask('GET', target, { token });
        const shown = answer.status < 300 ? answer.text : '';
        if (foreignTexts.some((text) => shown.includes(text)) ||
            shown.includes(objects.foreign.contacts))
          leaks.push(`${target}: ${shown.slice(0, 200)}`);
      }
    }
  }
  assert.deepEqual(leaks, []);
});

test('a token without the scope of a route is refused by it', { timeout: 120_000 }, async (t) => {
  const { server } = await serve(t);
  const document = (await server.ask('GET', '/api/v1/openapi.json')).body;
  const scopes = allScopes.split(',');
  const tokens = {};
  for (const scope of scopes) {
    const others = scopes.filter((other) => other !== scope).join(',');
    tokens[scope] = server.makeToken('administrator', others);
  }
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const scope = operation['x-scope'];
      if (scope === 'none') continue;
      const answer = await server.ask(method.toUpperCase(), fill(path, absent), {
        token: tokens[scope], ...request(operation, method, false),
      });
      assert.equal(answer.status, 403, `${method} ${path} without ${scope}`);
      assert.equal(answer.body.code, 'scope', `${method} ${path} without ${scope}`);
    }
  }
});

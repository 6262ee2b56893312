// Rules of accessibility, checked in the page as it is. The rules come in through the browser's
// debugger, so the content security policy stays as it is for users.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

// Fails with each rule that is broken and the elements that break it.
export async function checkAccessibility(page, where = page.url()) {
  await page.evaluate(source);
  const violations = await page.evaluate(
    async (runOnly) => (await window.axe.run(document, { runOnly, resultTypes: ['violations'] }))
      .violations.map(({ id, help, nodes }) => ({
        id, help, nodes: nodes.map((node) => `${node.target.join(' ')}: ${node.failureSummary}`),
      })),
    rules,
  );
  const lines = violations.map((each) => `${each.id}: ${each.help}\n  ${each.nodes.join('\n  ')}`);
  assert.equal(lines.length, 0, `${where}\n${lines.join('\n')}`);
}

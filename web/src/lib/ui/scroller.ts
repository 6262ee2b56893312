// What is scrolled sideways and holds nothing that takes the focus takes it itself: else the keyboard
// alone could not scroll it. For {@attach scroller}.
const takesFocus = 'a[href], button, input, select, textarea, [tabindex]';

export function scroller(node: HTMLElement) {
  function look() {
    const needs = !node.querySelector(takesFocus) && node.scrollWidth > node.clientWidth;
    if (needs) node.tabIndex = 0;
    else node.removeAttribute('tabindex');
  }
  const resized = new ResizeObserver(look);
  const filled = new MutationObserver(look);
  resized.observe(node);
  filled.observe(node, { childList: true, subtree: true });
  return () => {
    resized.disconnect();
    filled.disconnect();
  };
}

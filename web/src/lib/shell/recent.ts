// What was chosen in the palette last, the newest first, for each user of this browser.
export type Recent = { href: string; label: string; about: string };

const KEPT = 6;
const keyOf = (userId: string) => `recent-${userId}`;

export function recentOf(userId: string): Recent[] {
  try {
    return JSON.parse(localStorage.getItem(keyOf(userId)) ?? '[]') as Recent[];
  } catch {
    return [];
  }
}

export function remember(userId: string, chosen: Recent) {
  const others = recentOf(userId).filter((each) => each.href !== chosen.href);
  localStorage.setItem(keyOf(userId), JSON.stringify([chosen, ...others].slice(0, KEPT)));
}

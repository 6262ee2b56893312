// Why two partners may be one, in words.
const words: Record<string, string> = {
  external_id: 'same id in two systems',
  name: 'same name but for the legal form',
  domain: 'same domain',
  phone: 'same telephone number',
  spelling: 'nearly the same name',
};

export function reasonLabel(reason: string) {
  return words[reason] ?? reason;
}

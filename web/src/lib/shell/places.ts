// The screens that one goes to, by what one's role may see; each with the key that follows g.
import Activity from '@lucide/svelte/icons/activity';
import Building2 from '@lucide/svelte/icons/building-2';
import Code from '@lucide/svelte/icons/code';
import Settings from '@lucide/svelte/icons/settings';
import Upload from '@lucide/svelte/icons/upload';
import { session } from '$lib/state/session.svelte';

/** Where somebody begins: the channel; who sees one partner only, at that partner. */
export function homeOf(partnerId: string | null) {
  return partnerId ? `/partners/${partnerId}` : '/';
}

export function places() {
  const partner = session.partnerId;
  const first = partner
    ? [{ href: homeOf(partner), label: 'Your page', icon: Building2, key: 'p' }]
    : [
        { href: '/', label: 'Channel', icon: Activity, key: 'c' },
        { href: '/partners', label: 'Partners', icon: Building2, key: 'p' },
      ];
  const change = session.canChange
    ? [{ href: '/imports', label: 'Import', icon: Upload, key: 'i' }]
    : [];
  return [
    ...first,
    ...change,
    { href: '/settings', label: 'Settings', icon: Settings, key: 's' },
    { href: '/reference', label: 'API', icon: Code, key: 'a' },
  ];
}

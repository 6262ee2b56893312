// The words of domains: verdicts, states of servers, signatures.
import type { Schemas } from '$lib/api/client';

export type Check = Schemas['DomainCheck'];
export type Server = Schemas['DomainServer'];
export type Verdict = Check['verdict'];
type Tone = 'plain' | 'accent' | 'good' | 'warn' | 'bad';

/** From good to bad. */
export const verdicts: Record<Verdict, { label: string; tone: Tone; means: string }> = {
  healthy: {
    label: 'Healthy',
    tone: 'good',
    means: 'Every listed server answers, all with the same version.',
  },
  mismatch: {
    label: 'Mismatch',
    tone: 'warn',
    means: 'The record, or the zone above, says something else than the domain.',
  },
  out_of_step: {
    label: 'Out of step',
    tone: 'warn',
    means: 'A server has had an old version for longer than it may.',
  },
  lame: { label: 'Lame', tone: 'bad', means: 'A listed server does not answer for the domain.' },
  unreachable: { label: 'Unreachable', tone: 'bad', means: 'No name server answers.' },
  not_delegated: {
    label: 'Not delegated',
    tone: 'bad',
    means: 'The name is there, but no name servers are named for it.',
  },
  no_such_domain: {
    label: 'No such domain',
    tone: 'bad',
    means: 'The zone above says that there is none.',
  },
};

export const states: Record<Server['state'], { label: string; tone: Tone }> = {
  authoritative: { label: 'Answers', tone: 'good' },
  not_authoritative: { label: 'Not for this domain', tone: 'bad' },
  garbled: { label: 'Garbled', tone: 'bad' },
  silent: { label: 'Silent', tone: 'bad' },
  forbidden: { label: 'Private address', tone: 'warn' },
  no_address: { label: 'No address', tone: 'bad' },
};

export const signatures: Record<Check['dnssec'], string> = {
  unsigned: 'not signed',
  signed: 'signed, and the zone above says so',
  not_anchored: 'signed, but the zone above does not say so',
  broken: 'broken: the zone above names a key that is not there',
  expired: 'expired',
};

export const proofs: Record<Schemas['DomainProof']['state'], { label: string; tone: Tone }> = {
  none: { label: 'Not asked for', tone: 'plain' },
  pending: { label: 'Waiting for the record', tone: 'accent' },
  verified: { label: 'Proven', tone: 'good' },
  expired: { label: 'Expired', tone: 'warn' },
  lost: { label: 'Lost', tone: 'bad' },
};

export function latency(us: number | null) {
  if (us === null) return 'no answer';
  if (us < 1000) return 'under 1 ms';
  return `${Math.round(us / 1000)} ms`;
}

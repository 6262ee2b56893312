// What each role may do, in one sentence.
import type { Schemas } from '$lib/api/client';

export type Role = Schemas['User']['role'];

export const roles: Record<Role, string> = {
  administrator: 'Everything, users and settings too.',
  manager: 'Reads all, changes partners, products and facts, imports files.',
  analyst: 'Reads all, changes nothing.',
  partner: 'Reads its own partner only.',
};

/** What a token may be used for, on top of its role. */
export const scopes = {
  read: 'Read what the role may read',
  facts: 'Record facts',
  directory: 'Change partners, contacts and products',
  import: 'Import files',
  administration: 'Change users, tokens and settings',
} as const;

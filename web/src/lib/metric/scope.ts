// Whose numbers: one partner's, a group's or the whole channel's. Names are the API's.
export type Scope = Partial<
  Record<'partner' | 'manager' | 'tier' | 'country' | 'tag' | 'product', string>
>;

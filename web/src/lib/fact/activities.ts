// What people log by hand, in the order of how often it happens.
export const activities = [
  { kind: 'call.made', label: 'Phone call to the partner' },
  { kind: 'call.received', label: 'Phone call from the partner' },
  { kind: 'visit', label: 'Sales call, in person or online' },
  { kind: 'funnel.call', label: 'Sales funnel: call' },
  { kind: 'funnel.contact.to', label: 'Sales funnel: contact made with the partner' },
  { kind: 'funnel.contact.by', label: 'Sales funnel: contact that the partner brought' },
] as const;

export type ActivityKind = (typeof activities)[number]['kind'];

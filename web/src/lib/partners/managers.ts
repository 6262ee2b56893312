// Who may be responsible for partners.
import { api, data } from '$lib/api/client';

export function loadManagers(signal: AbortSignal) {
  return data(api.GET('/api/v1/managers', { params: { query: { limit: 500 } }, signal }));
}

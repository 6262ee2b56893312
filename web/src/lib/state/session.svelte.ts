// Who is signed in, and what that allows on the page. The server decides again on every call.
import { api, data, onSignedOut, Problem, type Schemas } from '$lib/api/client';

class Session {
  /** undefined: not asked yet; null: nobody. */
  current = $state.raw<Schemas['Session'] | null>();
  organisation = $state.raw<Schemas['Organisation']>();

  /** Somebody was signed in and is not any more, without having signed out. */
  ended = $state(false);

  constructor() {
    onSignedOut(() => {
      this.ended = Boolean(this.current) || this.ended;
      this.current = null;
    });
  }

  /** Manager or administrator: may change what partners are and do. */
  get canChange() {
    return this.current?.role === 'administrator' || this.current?.role === 'manager';
  }
  get isAdministrator() {
    return this.current?.role === 'administrator';
  }
  /** The only partner that this user sees; null: the whole channel. */
  get partnerId() {
    return this.current?.partner_id ?? null;
  }
  /** The calendar of the channel. */
  get timeZone() {
    return this.organisation?.time_zone ?? 'UTC';
  }
  get currency() {
    return this.organisation?.currency ?? 'EUR';
  }

  async load() {
    const organisation = this.loadOrganisation();
    organisation.catch(() => {});
    try {
      const current = await data(api.GET('/api/v1/session'));
      await organisation;
      this.current = current;
    } catch (failure) {
      if (failure instanceof Problem && failure.status === 401) this.current = null;
      else throw failure;
    }
  }

  async loadOrganisation() {
    this.organisation = await data(api.GET('/api/v1/organisation'));
  }

  async signIn(email: string, password: string) {
    this.current = await data(api.POST('/api/v1/session', { body: { email, password } }));
    this.ended = false;
    await this.loadOrganisation();
  }

  async signOut() {
    await data(api.DELETE('/api/v1/session'));
    this.current = null;
  }
}

export const session = new Session();

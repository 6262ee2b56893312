/*
 * Finds out about one domain: who answers for it, at which addresses, and what each of them says.
 * Any number of probes run side by side in one net, on one thread. Private to src/domain.
 */
#ifndef SRC_DOMAIN_DOMAIN_PROBE_H
#define SRC_DOMAIN_DOMAIN_PROBE_H

#include "src/domain/domain.h"

/* The client and the walker under one version of the settings. Of one thread, but for the wake-up.
 */
struct domain_net;
struct domain_net *domain_net_new(const struct services *services,
                                  const struct domain_settings *settings);
void domain_net_free(struct domain_net *net);
void domain_net_turn(struct domain_net *net, int wait_ms);
void domain_net_wake(struct domain_net *net);
int64_t domain_net_version(const struct domain_net *net);

/* On the net's thread, from domain_net_turn or within domain_probe. The finding is in the arena. */
typedef void domain_found(void *self, struct domain_finding *finding);
/* Exactly one `found` follows. `request` and what it points to, and the arena, must live until
 * then. */
void domain_probe(struct domain_net *net, const struct domain_request *request, struct arena *arena,
                  domain_found *found, void *self);

#endif

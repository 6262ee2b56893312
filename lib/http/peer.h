/* Addresses of clients as text. Private. */
#ifndef LIB_HTTP_PEER_H
#define LIB_HTTP_PEER_H

#include "lib/base/str.h"
#include "lib/http/connections.h"

struct sockaddr;

/* The shortest form of an address, an IPv4 one without the IPv6 prefix; "" for anything else. */
void peer_render(const struct sockaddr *address, char ret_text[PEER_TEXT_MAX]);
/* The same for a text; false when it is no address. */
MUST_CHECK bool peer_normalise(struct str text, char ret_text[PEER_TEXT_MAX]);
/* What counts as one client: an IPv4 address, or 64 bits of an IPv6 one. Borrows both. */
struct str peer_network(struct str peer, char bytes[PEER_TEXT_MAX]);

#endif

/*
 * Finds out by itself, from the root down, who answers for a name: follows delegations and asks no
 * cache. What it learns of zones above and of the addresses of name servers it keeps for a while,
 * bounded. Every walk ends: it only goes down, and has a number of questions, of names on the way
 * and of aliases that it may use up. Of the client's thread.
 */
#ifndef LIB_DNS_WALK_H
#define LIB_DNS_WALK_H

#include "lib/base/time.h"
#include "lib/dns/client.h"

enum {
    DNS_SERVERS_MAX = 16,        /* names of one zone that are looked at */
    DNS_ADDRESSES_MAX = 8,       /* of one name */
    DNS_KEYS_MAX = 8,            /* of one zone */
    DNS_WALK_QUESTIONS_MAX = 60, /* of one walk, with those for the names of servers on its way */
    DNS_WALK_DEPTH_MAX = 4,      /* names of servers whose servers' names are looked for … */
    DNS_WALK_ALIASES_MAX = 8
};

struct dns_walker;
struct dns_walker_options {
    struct dns_client *client;
    struct clock clock;
    /* Where to begin; none: the servers of the root zone. */
    const struct dns_address *roots;
    size_t root_count;
    uint16_t port; /* at which name servers listen; 0: DNS_PORT */
    bool ipv6;     /* ask IPv6 addresses too */
};
struct dns_walker *dns_walker_new(const struct dns_walker_options *options);
/* No walk may be under way. NULL is fine. */
void dns_walker_free(struct dns_walker *walker);

enum dns_walk_outcome {
    DNS_FOUND,
    DNS_NO_NAME,   /* the zone above says that there is no such name */
    DNS_NO_RECORD, /* the name is there, but has none of these */
    DNS_NO_ANSWER  /* nobody who should know gave a usable answer, or the walk was too long */
};

struct dns_server_name {
    struct str name;
    struct dns_address addresses[DNS_ADDRESSES_MAX]; /* as told with the name ("glue") */
    size_t count;
};

/* Who answers for a zone, as the zone above it says. Borrowed for the call. */
struct dns_delegation {
    enum dns_walk_outcome outcome;
    struct str parent; /* the zone that was asked last */
    struct dns_server_name servers[DNS_SERVERS_MAX];
    size_t count;
    bool is_signed; /* the zone above has a DS */
    uint16_t key_tags[DNS_KEYS_MAX];
    size_t key_count;
};
typedef void dns_delegated(void *self, const struct dns_delegation *delegation);
/* Asks the zone above `name`, never a cache of it. `name` is copied. */
void dns_walk_delegation(struct dns_walker *walker, struct str name, dns_delegated *done,
                         void *self);

struct dns_host {
    enum dns_walk_outcome outcome;
    struct dns_address addresses[DNS_ADDRESSES_MAX]; /* IPv4 first; at the walker's port */
    size_t count;
    bool is_alias; /* a CNAME stood on the way: not allowed for a name server */
};
typedef void dns_host_found(void *self, const struct dns_host *host);
/* The addresses of a host. `is_fresh`: not out of the walker's memory. */
void dns_walk_host(struct dns_walker *walker, struct str name, bool is_fresh, dns_host_found *done,
                   void *self);

#endif

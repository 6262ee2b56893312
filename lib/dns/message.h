/*
 * Names, addresses and messages of the domain name system (RFC 1035, 6891, 4034). The parser takes
 * bytes of anybody: every read is inside the message, a compressed name points only backwards, and
 * names, records and memory are bounded. Pure; any thread.
 */
#ifndef LIB_DNS_MESSAGE_H
#define LIB_DNS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/compiler.h"
#include "lib/base/str.h"

/* ---- names ---- */

enum { DNS_NAME_BYTES_MAX = 255, DNS_LABEL_BYTES_MAX = 63, DNS_LABELS_MAX = 127 };

/*
 * A name as people write it, in lower case, without the dot at its end; the root is empty. What is
 * no printable ASCII, and a dot or backslash inside a label, is \DDD. From text: ASCII as it is
 * (underscores too), other letters by IDNA 2008 (UTS 46). False: no name.
 */
MUST_CHECK bool dns_name_parse(struct str text, struct arena *arena, struct str *ret_name);
/* "xn--bcher-kva.example" as "bücher.example"; as it is where it is none of these. */
struct str dns_name_for_people(struct str name, struct arena *arena);
/* Whether `name` is `zone` or below it; both as above. Everything is below the root. */
bool dns_name_is_within(struct str name, struct str zone);
/* The name without its first label; of the root the root. */
struct str dns_name_parent(struct str name);
size_t dns_name_labels(struct str name);

/* ---- addresses ---- */

enum { DNS_PORT = 53, DNS_ADDRESS_TEXT_MAX = 64 };

struct dns_address {
    int family; /* 4 or 6; 0: none */
    uint8_t bytes[16];
    uint16_t port;
};
/* "192.0.2.1", "192.0.2.1:5300", "2001:db8::1", "[2001:db8::1]:5300". */
MUST_CHECK bool dns_address_parse(struct str text, uint16_t default_port,
                                  struct dns_address *ret_address);
/* Without the port. */
struct str dns_address_text(const struct dns_address *address, struct arena *arena);
bool dns_address_equal(const struct dns_address *a, const struct dns_address *b);
/*
 * Whether it is no host of the public internet: loopback, private, link-local, shared, multicast,
 * documentation, reserved, and IPv6 that carries such an IPv4 address.
 */
bool dns_address_is_private(const struct dns_address *address);

/* ---- messages ---- */

enum dns_type {
    DNS_TYPE_A = 1,
    DNS_TYPE_NS = 2,
    DNS_TYPE_CNAME = 5,
    DNS_TYPE_SOA = 6,
    DNS_TYPE_MX = 15,
    DNS_TYPE_TXT = 16,
    DNS_TYPE_AAAA = 28,
    DNS_TYPE_OPT = 41,
    DNS_TYPE_DS = 43,
    DNS_TYPE_RRSIG = 46,
    DNS_TYPE_DNSKEY = 48
};

enum dns_rcode {
    DNS_NO_ERROR = 0,
    DNS_FORMAT_ERROR = 1,
    DNS_SERVER_FAILURE = 2,
    DNS_NO_SUCH_NAME = 3,
    DNS_NOT_IMPLEMENTED = 4,
    DNS_REFUSED = 5,
    DNS_NOT_AUTHORITATIVE = 9
};
/* "NXDOMAIN", "REFUSED", …; "rcode" for others. Static. */
const char *dns_rcode_name(int rcode);

enum dns_section { DNS_ANSWER, DNS_AUTHORITY, DNS_ADDITIONAL };

struct dns_soa {
    struct str mname, rname;
    uint32_t serial, refresh_s, retry_s, expire_s, minimum_s;
};

struct dns_record {
    struct str name;
    uint16_t type;
    enum dns_section section;
    uint32_t ttl_s;
    struct str target;          /* NS, CNAME, MX */
    struct str text;            /* TXT: its strings put together, any bytes */
    uint16_t preference;        /* MX */
    struct dns_address address; /* A, AAAA; port DNS_PORT */
    struct dns_soa soa;
    uint16_t key_tag;  /* DS, DNSKEY, RRSIG */
    uint16_t covers;   /* RRSIG: the type that it signs */
    int64_t expires_s; /* RRSIG: when it ends, seconds since 1970 */
};

enum {
    DNS_RECORDS_MAX = 2000,
    DNS_TEXT_BYTES_MAX = 64 * 1024,
    DNS_EXPANDED_BYTES_MAX = 256 * 1024
};

struct dns_message {
    uint16_t id;
    bool is_response, is_authoritative, is_truncated, recursion_available;
    int rcode; /* with the upper bits of EDNS */
    bool has_edns;
    struct str question; /* the name */
    uint16_t question_type;
    struct dns_record *records; /* of the class IN and the types above; others are left out */
    size_t count;
};
/* False for what is no whole message. Texts are in the arena. */
MUST_CHECK bool dns_message_parse(struct str bytes, struct arena *arena,
                                  struct dns_message *ret_message);
/* The first record of this owner and type in the section; NULL: none. */
const struct dns_record *dns_message_find(const struct dns_message *message,
                                          enum dns_section section, struct str name,
                                          enum dns_type type);

struct dns_query {
    uint16_t id;
    struct str name;
    uint16_t type;
    bool wants_recursion;
    bool edns; /* with 1232 bytes and the DO bit: signatures, please */
};
enum { DNS_QUERY_BYTES_MAX = 12 + DNS_NAME_BYTES_MAX + 4 + 11, DNS_EDNS_BYTES = 1232 };
/* The message, in `ret_bytes`; 0: the name is none. */
size_t dns_query_render(const struct dns_query *query, uint8_t ret_bytes[DNS_QUERY_BYTES_MAX]);

#endif

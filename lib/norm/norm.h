/*
 * Outside values in their one normal form: phone numbers, domain names, mail addresses, countries,
 * languages, and text folded for comparison. All functions are thread-safe and keep no state.
 */
#ifndef LIB_NORM_NORM_H
#define LIB_NORM_NORM_H

#include <stdbool.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

/* ISO 3166-1 alpha-2: "US". The zero value means "none". */
struct country {
    char code[3];
};
/* A code in any case, or an English name or well-known variant of one ("United States", "USA",
 * "UK", "Deutschland"). */
MUST_CHECK bool country_parse(struct str text, struct country *ret_country);
bool country_is_set(struct country country);
struct str country_str(const struct country *country);
/* English name; static. */
struct str country_name(struct country country);
/* All codes in order, NULL behind the last; static. */
const char *country_code_at(size_t index);

/* ISO 639 language of a BCP 47 tag, normalised: "de", "pt-BR". */
MUST_CHECK bool language_parse(struct str text, struct arena *arena, struct str *ret_language);

/*
 * A phone number as E.164 ("+12455550173"), from international notation, or national notation and
 * country (libphonenumber). An extension is cut off. False when it is not a possible number: the
 * right length for its country; the number need not be assigned (sample data use 555).
 */
MUST_CHECK bool phone_parse(struct str text, struct country country, struct arena *arena,
                            struct str *ret_e164);
/* "+1 245-555-0173"; the text itself when it is not E.164. */
struct str phone_render(struct str e164, struct arena *arena);

/*
 * A host name in lower-case ASCII (IDNA 2008, UTS 46): from a host, a mail address or an http(s)
 * URL. False for addresses of machines, single labels, bad labels, over 253 bytes.
 */
MUST_CHECK bool host_parse(struct str text, struct arena *arena, struct str *ret_host);
/*
 * The registrable domain of a host ("shop.example.co.uk" gives "example.co.uk") by the public
 * suffix list. False when the host is a public suffix itself.
 */
MUST_CHECK bool domain_parse(struct str text, struct arena *arena, struct str *ret_domain);
/* Whether the domain is a public mail provider's (gmail.com, …): it never identifies a company. */
bool domain_is_public_mail(struct str domain);
/* An IPv4 or IPv6 address in its canonical text (RFC 5952), or a host as host_parse gives: a name
 * server. */
MUST_CHECK bool name_server_parse(struct str text, struct arena *arena, struct str *ret_server);
/* local@domain: the local part as it is, the domain as host_parse gives. At most 254 bytes (RFC
 * 5321). */
MUST_CHECK bool email_parse(struct str text, struct arena *arena, struct str *ret_email);

/* For search: NFKD, marks removed, case folded, ß as ss, punctuation as one space. "Café-Müller"
 * gives "cafe muller". */
struct str text_fold(struct str text, struct arena *arena);
/*
 * For finding duplicates of company names: folded, legal forms dropped (GmbH, Ltd, Inc., S.A. …),
 * "&" and "and" alike, spaces dropped. Never empty for a name that is not: when nothing would stay,
 * the folded name.
 */
struct str company_key(struct str name, struct arena *arena);
/* NFC, no control characters, white space collapsed and trimmed: how a one-line text is stored. */
struct str text_clean(struct str text, struct arena *arena);

#endif

/* How a search reads its words, and from where it starts to look. Pure. Private to src/partner. */
#ifndef SRC_PARTNER_PARTNER_SEARCH_RULES_H
#define SRC_PARTNER_PARTNER_SEARCH_RULES_H

#include "lib/base/arena.h"
#include "lib/base/str.h"

/*
 * Words of several texts, without repetition: folded, cut to LIMIT_WORD_BYTES. A piece such as
 * "wing.com" or "max@wing.com" is also one word, "wingcom": so the end of a domain is nothing to be
 * found by, and yet a domain that is typed in full finds its partner.
 */
struct search_words {
    struct arena *arena;
    struct str *words;
    size_t count;
    size_t cap;
};
void search_words_init(struct search_words *words, struct arena *arena);
/* A name, a reference: each of its words, and each dotted piece as one. */
void search_words_add_text(struct search_words *words, struct str text);
/* A host name: it, and it without its first labels. */
void search_words_add_host(struct search_words *words, struct str host);
/* A mail address: it, the words of its local part, its host. */
void search_words_add_mail(struct search_words *words, struct str mail);
/* What a user typed: the words that each must begin a word of the partner; a dotted piece counts
 * as one, a URL as its domain. */
void search_words_add_query(struct search_words *words, struct str text);
/* One that was kept before; borrowed. */
void search_words_keep(struct search_words *words, struct str word);
/* In byte order, once all are added. */
void search_words_sort(struct search_words *words);
/* The text after every text that begins with the word, in the arena. */
struct str search_word_end(struct str word, struct arena *arena);

/*
 * Which of the restrictions the search starts from: the index of the one with the fewest hits, or
 * -1 when it is quicker to walk the partners in order until `wanted` are found. `ordered`: an index
 * has that order; without one a walk reads all `partners`.
 */
struct search_cost {
    const int64_t *hits;
    size_t count;
    int64_t partners;
    int64_t wanted;
    bool ordered;
};
int search_start(const struct search_cost *cost);

#endif

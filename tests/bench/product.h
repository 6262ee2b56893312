/* The product opened inside the bench, with an organisation and ROWS_PARTNERS partners. */
#ifndef TESTS_BENCH_PRODUCT_H
#define TESTS_BENCH_PRODUCT_H

#include "src/core/ctx.h"
#include "tests/bench/rows.h"

struct app;

enum { TOKEN_SECRET_BYTES = 64 };
struct product {
    struct app *app;
    const struct services *services;
    const char *db_url; /* NULL: the file in the directory */
    struct partner_id partners[ROWS_PARTNERS];
    char token[TOKEN_SECRET_BYTES]; /* of a manager, for `Authorization: Bearer` */
};
/* Makes the data directory, the organisation and `partners` partners (the first ROWS_PARTNERS are
 * kept). */
void product_make(const char *directory, int partners, struct product *ret_product);
/* The same in an empty database at `url`, with a data directory for its files. */
void product_make_on(const char *directory, const char *url, int partners,
                     struct product *ret_product);
/* One more process's worth of it: connections and caches of its own on the same database. */
void product_join(const struct product *product, const char *directory,
                  struct product *ret_product);
/* The secret of one more manager's token. */
void product_token(const struct product *product, char ret_secret[TOKEN_SECRET_BYTES]);
/* Closes and opens what product_make made. */
void product_open(const char *directory, struct product *product);
void product_close(struct product *product);
/* The name that a partner of that number has. */
struct partner_name {
    char text[64];
};
struct partner_name product_partner_name(int number);

/* Records rows [from, to), `per_job` in each job; the seconds that took. */
double product_record(struct product *product, int64_t from, int64_t to, enum row_ids ids,
                      int64_t per_job);

#endif

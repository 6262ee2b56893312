/* The product opened inside the bench. */
#include "tests/bench/product.h"

#include <stdio.h>

#include "src/account/account.h"
#include "src/app/app.h"
#include "src/app/data.h"
#include "src/ledger/ledger.h"
#include "src/organisation/organisation.h"
#include "src/partner/partner.h"

enum { ARENA_BYTES = 64 * 1024 * 1024, PARTNERS_PER_JOB = 500, DOMAIN_BYTES = 64 };

/* Works in a context of its own; a failure ends the bench. */
static void write_all(const struct product *product, ctx_work *work, void *arg)
{
    struct arena arena;
    struct ctx ctx;
    arena_init(&arena, ARENA_BYTES);
    ctx_init(&ctx, product->services, &arena);
    ctx.actor = app_shell_actor(&arena);
    if (ctx_write(&ctx, work, arg) != OK)
        bench_fail("%s %s", ctx.fault.sentence, ctx.fault.detail);
    arena_finish(&arena);
}

/* ---- making ---- */

static enum err make_token(struct ctx *ctx, void *arg)
{
    struct token token;
    struct str secret;
    struct token_draft draft = {.name = STR("bench"), .role = ROLE_MANAGER, .scopes = SCOPES_ALL};
    TRY(token_create(ctx, &draft, &token, &secret));
    snprintf(arg, TOKEN_SECRET_BYTES, "%.*s", STR_ARG(secret));
    return OK;
}

void product_token(const struct product *product, char ret_secret[TOKEN_SECRET_BYTES])
{
    write_all(product, make_token, ret_secret);
}

static enum err make_organisation(struct ctx *ctx, void *arg)
{
    struct product *product = arg;
    struct user user;
    struct organisation organisation;
    struct user_draft draft = {
        .email = STR("ada@example.com"), .name = STR("Ada Admin"), .role = ROLE_ADMIN};
    struct organisation_change change = {0};
    TRY(user_add(ctx, &draft, &user));
    change.fields[ORGANISATION_NAME].given = true;
    change.fields[ORGANISATION_NAME].text = STR("Bench Vendor");
    change.fields[ORGANISATION_DEFAULT_MANAGER].given = true;
    change.fields[ORGANISATION_DEFAULT_MANAGER].text = user_id_text(user.id, ctx->arena);
    TRY(organisation_create(ctx, &change, &organisation));
    return make_token(ctx, product->token);
}

struct partner_name product_partner_name(int number)
{
    static const char *const first[] = {
        "Alpine", "Baltic",  "Coastal",  "Danube",   "Eastern",  "Forest",   "Golden",  "Harbour",
        "Island", "Juniper", "Keystone", "Lakeside", "Mountain", "Northern", "Orchard", "Pacific"};
    static const char *const second[] = {"Bikes",  "Cycles",  "Sports",  "Outdoor",
                                         "Wheels", "Trading", "Systems", "Partners",
                                         "Supply", "Retail",  "Works"};
    static const char *const form[] = {"GmbH", "Inc", "Ltd", "AG", "SA", "BV", "KG"};
    struct partner_name name;
    snprintf(name.text, sizeof(name.text), "%s %s %05d %s", first[number % 16],
             second[number / 16 % 11], number, form[number % 7]);
    return name;
}

struct partner_range {
    struct product *product;
    int from, to;
};

static void set_field(struct partner_change *change, enum partner_field field, struct str text)
{
    change->fields[field].given = true;
    change->fields[field].text = text;
}

static enum err make_partners(struct ctx *ctx, void *arg)
{
    struct partner_range *range = arg;
    for (int number = range->from; number < range->to; number++) {
        struct partner partner;
        struct partner_change change = {0};
        struct partner_name name = product_partner_name(number);
        set_field(&change, PARTNER_NAME, str_from_c(name.text));
        set_field(&change, PARTNER_DOMAIN, arena_format(ctx->arena, "partner%d.example", number));
        set_field(&change, PARTNER_COUNTRY, number % 3 ? STR("DE") : STR("US"));
        TRY(partner_create(ctx, &change, PARTNER_ACTIVE, ROWS_START_MS, &partner));
        if (number < ROWS_PARTNERS)
            range->product->partners[number] = partner.id;
    }
    return OK;
}

static void open_app(const char *directory, bool create, struct product *product)
{
    struct fault fault;
    struct str url = str_from_c(product->db_url ? product->db_url : "");
    struct app_options options = {
        .directory = str_from_c(directory), .db_url = url, .create = create};
    if (app_open(&options, &product->app, &fault) != OK)
        bench_fail("%s %s", fault.sentence, fault.detail);
    product->services = app_services(product->app);
}

void product_make(const char *directory, int partners, struct product *ret_product)
{
    product_make_on(directory, NULL, partners, ret_product);
}

void product_join(const struct product *product, const char *directory, struct product *ret_product)
{
    *ret_product = *product;
    open_app(directory, false, ret_product);
}

void product_make_on(const char *directory, const char *url, int partners,
                     struct product *ret_product)
{
    struct fault fault;
    BENCH_OK(crypt_init());
    if (data_make(str_from_c(directory), &fault) != OK)
        bench_fail("%s", fault.sentence);
    *ret_product = (struct product){.db_url = url};
    open_app(directory, true, ret_product);
    write_all(ret_product, make_organisation, ret_product);
    for (int from = 0; from < partners; from += PARTNERS_PER_JOB) {
        int to = from + PARTNERS_PER_JOB < partners ? from + PARTNERS_PER_JOB : partners;
        write_all(ret_product, make_partners, &(struct partner_range){ret_product, from, to});
    }
}

void product_open(const char *directory, struct product *product)
{
    open_app(directory, false, product);
}

void product_close(struct product *product)
{
    app_close(product->app);
    product->app = NULL;
}

/* ---- recording ---- */

struct row_range {
    struct product *product;
    int64_t from, to;
    enum row_ids ids;
};

static enum err record_rows(struct ctx *ctx, void *arg)
{
    const struct row_range *range = arg;
    for (int64_t number = range->from; number < range->to; number++) {
        struct row row;
        struct fact_outcome outcome;
        row_make(number, range->ids, &row);
        struct fact_draft draft = {
            .partner = range->product->partners[row.partner],
            .kind = (enum fact_kind)row_kind_numbers[row.kind],
            .at_ms = row.at_ms,
            .quantity_milli = row.quantity * 1000,
            .has_amount = true,
            .amount = {row.amount_minor, {"EUR"}},
            .source = STR("shop"),
            .external_id = str_from_c(row.external_id),
            .ref = str_from_c(row.ref),
        };
        TRY(ledger_record(ctx, &draft, &outcome));
        if (outcome.result != FACT_RECORDED)
            bench_fail("row %lld was there already", (long long)number);
    }
    return OK;
}

double product_record(struct product *product, int64_t from, int64_t to, enum row_ids ids,
                      int64_t per_job)
{
    double began = bench_now_s();
    for (int64_t first = from; first < to; first += per_job) {
        int64_t end = first + per_job < to ? first + per_job : to;
        write_all(product, record_rows, &(struct row_range){product, first, end, ids});
    }
    return bench_now_s() - began;
}

/* Who is told of a fact: the same partners as a group's numbers have. */
#include "src/ledger/ledger_test.h"
#include "src/live/live_event.h"

#include <stdio.h>

enum { TEXT_BYTES = 64 * 1024 };

/* What the facts after a point are for a view. */
struct telling {
    struct metric_scope scope;
    unsigned kinds;
    struct fact_id after;
    size_t limit;
    struct buf text;
    int told;
};

static enum err tell(struct ctx *ctx, void *arg)
{
    struct telling *telling = arg;
    struct fact_range range = {.after = telling->after};
    struct live_round round;
    struct live_view view;
    TRY(live_view_open(ctx, &telling->scope, telling->kinds, &view));
    TRY(ledger_newest(ctx, &range.to));
    TRY(live_round_read(ctx, &range, telling->limit, &round));
    buf_init(&telling->text, ctx->arena, TEXT_BYTES);
    TRY(live_put_round(&telling->text, &round, &view));
    struct str rest = buf_str(&telling->text);
    for (size_t at; str_find(rest, STR("event: fact\n"), &at); telling->told++)
        rest = str_slice(rest, at + 1, rest.len);
    return OK;
}

static struct telling told(struct books *books, struct telling telling)
{
    if (!telling.limit)
        telling.limit = LIVE_ROUND_FACTS;
    CHECK_OK(ctx_read(world_as(&books->world, ROLE_ADMIN), tell, &telling));
    return telling;
}

static bool has(const struct telling *telling, const char *text)
{
    size_t at;
    return str_find(buf_str(&telling->text), str_from_c(text), &at);
}

struct change {
    struct partner_id partner;
    const char *tier, *country, *tag;
};

static enum err change_partner(struct ctx *ctx, void *arg)
{
    const struct change *change = arg;
    struct partner_change fields = {0};
    struct partner partner;
    fields.fields[PARTNER_TIER].given = fields.fields[PARTNER_COUNTRY].given = true;
    fields.fields[PARTNER_TIER].text = str_from_c(change->tier);
    fields.fields[PARTNER_COUNTRY].text = str_from_c(change->country);
    TRY(partner_update(ctx, change->partner, &fields, &partner, NULL));
    return change->tag[0] ? partner_add_tag(ctx, change->partner, str_from_c(change->tag)) : OK;
}

static void set_group(struct books *books, size_t partner, const char *tier, const char *country,
                      const char *tag)
{
    struct change change = {books->partners[partner], tier, country, tag};
    CHECK_OK(ctx_write(world_as(&books->world, ROLE_ADMIN), change_partner, &change));
}

static enum err archive(struct ctx *ctx, void *arg)
{
    const struct partner_id *partner = arg;
    return partner_archive(ctx, *partner, 0);
}

static void record(struct books *books, size_t partner, enum fact_kind kind)
{
    struct fact_draft draft = books_order(books);
    draft.partner = books->partners[partner];
    draft.kind = kind;
    books_record(books, &draft);
}

struct counting {
    struct metric_scope scope;
    size_t members;
};

static enum err count_members(struct ctx *ctx, void *arg)
{
    struct counting *counting = arg;
    struct metric_members members;
    TRY(metric_members(ctx, &counting->scope, &members));
    counting->members = members.count;
    return OK;
}

TEST(live_round, tells_a_group_of_exactly_the_partners_that_its_numbers_have)
{
    struct books books;
    books_open(&books);
    set_group(&books, 0, "Gold", "AT", "north");
    set_group(&books, 1, "Gold", "DE", "north");
    set_group(&books, 2, "Silver", "AT", "");
    set_group(&books, 3, "Gold", "AT", "south");
    CHECK_OK(ctx_write(world_as(&books.world, ROLE_ADMIN), archive, &books.partners[3]));
    for (size_t i = 0; i < BOOKS_PARTNERS; i++)
        record(&books, i, FACT_ORDER);
    struct metric_scope scopes[] = {
        {.tier = STR("Gold")},
        {.country = STR("AT")},
        {.tag = STR("north")},
        {.tier = STR("Gold"), .country = STR("AT")},
        {.tier = STR("Gold"), .tag = STR("south")},
        {.manager = books.world.manager},
        {.manager = books.world.admin},
    };
    for (size_t i = 0; i < ARRAY_LEN(scopes); i++) {
        struct counting counting = {scopes[i], 0};
        CHECK_OK(ctx_read(world_as(&books.world, ROLE_ADMIN), count_members, &counting));
        struct telling few = told(&books, (struct telling){.scope = scopes[i]});
        CHECK_INT(counting.members, few.told);
        struct telling many = told(&books, (struct telling){.scope = scopes[i], .limit = 2});
        char expected[32];
        snprintf(expected, sizeof(expected), "{\"facts\":%zu,", counting.members);
        CHECK(counting.members ? has(&many, expected) : !many.text.len);
    }
    books_close(&books);
}

TEST(live_round, counts_many_facts_as_it_tells_few)
{
    struct books books;
    books_open(&books);
    books_merge(&books, books.partners[1], books.partners[0]);
    record(&books, 0, FACT_ORDER);
    record(&books, 1, FACT_ORDER); /* of the one that it was merged into */
    record(&books, 1, FACT_VISIT);
    record(&books, 2, FACT_ORDER);
    struct metric_scope one = {.partner = books.partners[0]};
    CHECK_INT(3, told(&books, (struct telling){.scope = one}).told);
    CHECK_INT(
        2, told(&books, (struct telling){.scope = one, .kinds = FACT_KIND_BIT(FACT_ORDER)}).told);
    struct telling many = told(&books, (struct telling){.scope = one, .limit = 1});
    CHECK(has(&many, "event: totals\ndata: {\"facts\":3,\"kinds\":{\"order\":2,\"visit\":1}}\n"));
    struct telling none =
        told(&books, (struct telling){.scope = {.tier = STR("Lead")}, .limit = 1});
    CHECK_INT(0, none.text.len);
    books_close(&books);
}

TEST(live_round, tells_facts_that_are_too_long_together_as_totals)
{
    struct books books;
    static char note[3900];
    books_open(&books);
    memset(note, 'n', sizeof(note));
    for (int i = 0; i < 20; i++) {
        struct fact_draft draft = books_order(&books);
        draft.note = (struct str){note, sizeof(note)};
        books_record(&books, &draft);
    }
    struct telling telling = told(&books, (struct telling){.limit = 20});
    CHECK_INT(0, telling.told);
    CHECK(has(&telling, "{\"facts\":20,\"kinds\":{\"order\":20}}"));
    books_close(&books);
}

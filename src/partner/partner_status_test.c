/* Tests of a partner's life: moves of status, archive, restore; and of its tags and external ids.
 */
#include <stdio.h>

#include "lib/db/db.h"
#include "src/core/limits.h"
#include "src/partner/partner_rules.h"
#include "tests/support/records.h"
#include "tests/support/test.h"

enum { STATUS_ROWS, AUDIT_STATUS, AUDIT_ARCHIVE, AUDIT_ALL };
static const struct query queries[] = {
    [STATUS_ROWS] = {"test status rows", "SELECT COUNT(*) AS n FROM partner_status", NULL},
    [AUDIT_STATUS] = {"test audit status",
                      "SELECT COUNT(*) AS n FROM audit WHERE action = 'status'", NULL},
    [AUDIT_ARCHIVE] = {"test audit archive",
                       "SELECT COUNT(*) AS n FROM audit WHERE action IN ('archived', 'restored')",
                       NULL},
    [AUDIT_ALL] = {"test audit all",
                   "SELECT COUNT(*) AS n FROM audit WHERE subject_type = 'partner'", NULL},
};

/* What the listener was told; the world's writer and the test take turns. */
struct told {
    struct partner_listener listener;
    struct partner_id id;
    int64_t at_ms;
    int count;
};
static struct told told;

static enum err hear_active(struct ctx *ctx, const struct partner *partner, int64_t at_ms)
{
    (void)ctx;
    told.id = partner->id;
    told.at_ms = at_ms;
    told.count++;
    return OK;
}

static enum err hear_zone(struct ctx *ctx, struct partner_id id)
{
    (void)ctx;
    told.id = id;
    told.count++;
    return OK;
}

static enum err fail_active(struct ctx *ctx, const struct partner *partner, int64_t at_ms)
{
    (void)partner;
    (void)at_ms;
    return CTX_FAULT(ctx, ERR_BUSY, "busy", "Not now.");
}

static void listen(struct world *world)
{
    told = (struct told){.listener = {.became_active = hear_active, .zone_changed = hear_zone}};
    world->services.partner_listener = &told.listener;
}

/* Walks to `status` by moves that the administrator may make. */
static void bring_to(struct world *world, struct partner_id id, enum partner_status status)
{
    struct ctx *ctx = world_as(world, ROLE_ADMIN);
    if (status == PARTNER_SUSPENDED)
        CHECK_OK(move_partner(ctx, id, PARTNER_ACTIVE, 0));
    if (status != PARTNER_PROSPECT)
        CHECK_OK(move_partner(ctx, id, status, 0));
}

static void check_pair(struct world *world, enum role role, enum partner_status from,
                       enum partner_status to)
{
    struct partner partner = add_partner(world, "name=Pair", PARTNER_PROSPECT);
    bring_to(world, partner.id, from);
    unsigned roles = partner_move_roles(from, to);
    enum err expected = !roles ? ERR_CONFLICT : roles & (unsigned)role ? OK : ERR_FORBIDDEN;
    enum err err = move_partner(world_as(world, role), partner.id, to, 0);
    if (err != expected)
        test_fail(__FILE__, __LINE__, "%s from %s to %s is %s", role_name(role),
                  partner_status_name(from), partner_status_name(to), err_info(err)->code);
    CHECK_OK(read_partner(world_as(world, ROLE_ADMIN), partner.id, &partner));
    CHECK_INT(err == OK ? to : from, partner.status);
}

TEST(partner_move, follows_the_table_for_every_pair_and_role)
{
    struct world world;
    world_open(&world);
    for (enum partner_status from = 0; from < PARTNER_STATUS_COUNT; from++)
        for (enum partner_status to = 0; to < PARTNER_STATUS_COUNT; to++) {
            check_pair(&world, ROLE_MANAGER, from, to);
            check_pair(&world, ROLE_ADMIN, from, to);
            check_pair(&world, ROLE_ANALYST, from, to);
        }
    world_close(&world);
}

TEST(partner_move, leaves_a_row_of_status_and_of_history)
{
    struct world world;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_PROSPECT);
    CHECK_OK(move_partner(&world.ctx, partner.id, PARTNER_ONBOARDING, 0));
    CHECK_INT(2, world_number(&world, &queries[STATUS_ROWS]));
    CHECK_INT(1, world_number(&world, &queries[AUDIT_STATUS]));
    CHECK_ERR(ERR_CONFLICT, move_partner(&world.ctx, partner.id, PARTNER_SUSPENDED, 0));
    CHECK_INT(2, world_number(&world, &queries[STATUS_ROWS]));
    CHECK_INT(1, world_number(&world, &queries[AUDIT_STATUS]));
    world_close(&world);
}

TEST(partner_move, tells_once_that_a_partner_became_active)
{
    struct world world;
    world_open(&world);
    listen(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_PROSPECT);
    CHECK_OK(move_partner(&world.ctx, partner.id, PARTNER_ACTIVE, WORLD_START_MS - MS_PER_DAY));
    CHECK_INT(1, told.count);
    CHECK(partner_id_equal(partner.id, told.id));
    CHECK_INT(WORLD_START_MS - MS_PER_DAY, told.at_ms);
    CHECK_OK(move_partner(&world.ctx, partner.id, PARTNER_SUSPENDED, 0));
    CHECK_OK(move_partner(&world.ctx, partner.id, PARTNER_ACTIVE, 0));
    CHECK_INT(1, told.count);
    CHECK_OK(read_partner(&world.ctx, partner.id, &partner));
    CHECK_INT(WORLD_START_MS - MS_PER_DAY, partner.active_ms);
    add_partner(&world, "name=Born active", PARTNER_ACTIVE);
    CHECK_INT(1, told.count);
    world_close(&world);
}

TEST(partner_move, does_not_happen_when_the_listener_fails)
{
    struct world world;
    static const struct partner_listener failing = {.became_active = fail_active};
    world_open(&world);
    world.services.partner_listener = &failing;
    struct partner partner = add_partner(&world, "name=A", PARTNER_PROSPECT);
    CHECK_ERR(ERR_BUSY, move_partner(&world.ctx, partner.id, PARTNER_ACTIVE, 0));
    CHECK_OK(read_partner(&world.ctx, partner.id, &partner));
    CHECK_INT(PARTNER_PROSPECT, partner.status);
    CHECK_INT(0, partner.active_ms);
    world_close(&world);
}

TEST(partner_move, refuses_an_instant_that_is_yet_to_come)
{
    struct world world;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_PROSPECT);
    CHECK_ERR(ERR_INVALID, move_partner(&world.ctx, partner.id, PARTNER_ACTIVE,
                                        WORLD_START_MS + 2 * (int64_t)MS_PER_DAY));
    CHECK_ERR(ERR_INVALID, move_partner(&world.ctx, partner.id, PARTNER_ACTIVE, TIME_MIN_MS - 1));
    CHECK_STR("at", str_from_c(world.ctx.fault.field));
    world_close(&world);
}

TEST(partner_zone, is_told_to_the_listener_only_when_it_changes)
{
    struct world world;
    world_open(&world);
    listen(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_PROSPECT);
    CHECK_OK(change_partner(&world.ctx, &partner, "city=Wien|time_zone=Europe/Vienna"));
    CHECK_INT(0, told.count);
    CHECK_OK(change_partner(&world.ctx, &partner, "time_zone=Asia/Tokyo"));
    CHECK_INT(1, told.count);
    CHECK(partner_id_equal(partner.id, told.id));
    world_close(&world);
}

/* ---- archive ---- */

TEST(partner_archive, keeps_the_record_and_takes_it_back)
{
    struct world world;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    CHECK_OK(live_partner(&world.ctx, partner_archive, partner.id, 1));
    CHECK_OK(read_partner(&world.ctx, partner.id, &partner));
    CHECK_INT(WORLD_START_MS, partner.archived_ms);
    CHECK_INT(2, partner.version);
    CHECK_ERR(ERR_STALE, live_partner(&world.ctx, partner_restore, partner.id, 1));
    CHECK_OK(live_partner(&world.ctx, partner_restore, partner.id, 2));
    CHECK_OK(read_partner(&world.ctx, partner.id, &partner));
    CHECK_INT(0, partner.archived_ms);
    CHECK_INT(2, world_number(&world, &queries[AUDIT_ARCHIVE]));
    world_close(&world);
}

TEST(partner_archive, twice_is_as_once)
{
    struct world world;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    CHECK_OK(live_partner(&world.ctx, partner_archive, partner.id, 0));
    world_set_now(&world, WORLD_START_MS + 1000);
    CHECK_OK(live_partner(world_as(&world, ROLE_ADMIN), partner_archive, partner.id, 0));
    CHECK_OK(read_partner(&world.ctx, partner.id, &partner));
    CHECK_INT(WORLD_START_MS, partner.archived_ms);
    CHECK_INT(1, world_number(&world, &queries[AUDIT_ARCHIVE]));
    world_close(&world);
}

/* ---- tags ---- */

TEST(partner_tags, are_put_on_and_taken_off_once)
{
    struct world world;
    struct partner_marks marks;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    CHECK_OK(tag_partner(&world.ctx, partner_add_tag, partner.id, "north"));
    CHECK_OK(tag_partner(&world.ctx, partner_add_tag, partner.id, " north "));
    CHECK_OK(tag_partner(&world.ctx, partner_add_tag, partner.id, "key account"));
    CHECK_OK(read_marks(&world.ctx, partner.id, &marks));
    CHECK_INT(2, marks.tag_count);
    CHECK_STR("key account", marks.tags[0]);
    CHECK_STR("north", marks.tags[1]);
    CHECK_INT(3, world_number(&world, &queries[AUDIT_ALL]));
    CHECK_OK(tag_partner(&world.ctx, partner_remove_tag, partner.id, "north"));
    CHECK_OK(tag_partner(&world.ctx, partner_remove_tag, partner.id, "north"));
    CHECK_INT(4, world_number(&world, &queries[AUDIT_ALL]));
    CHECK_OK(read_partner(&world.ctx, partner.id, &partner));
    CHECK_INT(4, partner.version);
    world_close(&world);
}

TEST(partner_tags, are_at_most_fifty)
{
    struct world world;
    struct partner_marks marks;
    char tag[16];
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    for (int i = 0; i < LIMIT_TAGS; i++) {
        snprintf(tag, sizeof(tag), "t%d", i);
        CHECK_OK(tag_partner(&world.ctx, partner_add_tag, partner.id, tag));
    }
    CHECK_ERR(ERR_TOO_LARGE, tag_partner(&world.ctx, partner_add_tag, partner.id, "more"));
    CHECK_OK(tag_partner(&world.ctx, partner_add_tag, partner.id, "t7"));
    CHECK_OK(read_marks(&world.ctx, partner.id, &marks));
    CHECK_INT(LIMIT_TAGS, marks.tag_count);
    world_close(&world);
}

struct set_call {
    struct partner_id id;
    const struct str *tags;
    const struct external_id *externals;
    size_t count;
};

static enum err work_set_tags(struct ctx *ctx, void *arg)
{
    const struct set_call *call = arg;
    return partner_set_tags(ctx, call->id, call->tags, call->count);
}

static enum err work_set_externals(struct ctx *ctx, void *arg)
{
    const struct set_call *call = arg;
    return partner_set_externals(ctx, call->id, call->externals, call->count);
}

TEST(partner_set_tags, leaves_exactly_those)
{
    struct world world;
    struct partner_marks marks;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    CHECK_OK(tag_partner(&world.ctx, partner_add_tag, partner.id, "old"));
    CHECK_OK(tag_partner(&world.ctx, partner_add_tag, partner.id, "kept"));
    const struct str tags[] = {STR("kept"), STR("new")};
    struct set_call call = {.id = partner.id, .tags = tags, .count = 2};
    CHECK_OK(ctx_write(&world.ctx, work_set_tags, &call));
    CHECK_OK(read_marks(&world.ctx, partner.id, &marks));
    CHECK_INT(2, marks.tag_count);
    CHECK_STR("kept", marks.tags[0]);
    CHECK_STR("new", marks.tags[1]);
    CHECK_INT(5, world_number(&world, &queries[AUDIT_ALL]));
    world_close(&world);
}

/* ---- external ids ---- */

TEST(partner_externals, belong_to_one_partner_only)
{
    struct world world;
    struct partner_marks marks;
    world_open(&world);
    struct partner a = add_partner(&world, "name=A", PARTNER_ACTIVE);
    struct partner b = add_partner(&world, "name=B", PARTNER_ACTIVE);
    CHECK_OK(extern_partner(&world.ctx, partner_add_external, a.id, "salesforce:001"));
    CHECK_OK(extern_partner(&world.ctx, partner_add_external, a.id, "SALESFORCE:001"));
    CHECK_OK(extern_partner(&world.ctx, partner_add_external, b.id, "hubspot:001"));
    CHECK_ERR(ERR_CONFLICT,
              extern_partner(&world.ctx, partner_add_external, b.id, "salesforce:001"));
    CHECK_OK(read_marks(&world.ctx, b.id, &marks));
    CHECK_INT(1, marks.external_count);
    CHECK_STR("hubspot", marks.externals[0].system);
    CHECK_STR("001", marks.externals[0].id);
    CHECK_ERR(ERR_NOT_FOUND,
              extern_partner(&world.ctx, partner_remove_external, b.id, "salesforce:001"));
    CHECK_OK(extern_partner(&world.ctx, partner_remove_external, a.id, "salesforce:001"));
    CHECK_OK(extern_partner(&world.ctx, partner_add_external, b.id, "salesforce:001"));
    world_close(&world);
}

static enum err work_with_external(struct ctx *ctx, void *arg)
{
    struct partner *partner = arg;
    struct partner_change change = partner_fields("name=A");
    change.external = (struct external_id){STR("CRM"), STR("9")};
    if (!partner_id_is_set(partner->id))
        return partner_create(ctx, &change, PARTNER_ACTIVE, 0, partner);
    return partner_update(ctx, partner->id, &change, partner, NULL);
}

TEST(partner_externals, come_with_the_record_in_one_row_of_history)
{
    struct world world;
    struct partner_marks marks;
    struct partner made = {.id = {0}}, again, other = {.id = {0}};
    world_open(&world);
    CHECK_OK(ctx_write(&world.ctx, work_with_external, &made));
    CHECK_OK(read_marks(&world.ctx, made.id, &marks));
    CHECK_INT(1, marks.external_count);
    CHECK_STR("crm", marks.externals[0].system);
    CHECK_INT(1, made.version);
    CHECK_INT(1, world_number(&world, &queries[AUDIT_ALL]));
    again = made;
    CHECK_OK(ctx_write(&world.ctx, work_with_external, &again));
    CHECK_INT(1, again.version);
    CHECK_ERR(ERR_CONFLICT, ctx_write(&world.ctx, work_with_external, &other));
    CHECK_OK(extern_partner(&world.ctx, partner_remove_external, made.id, "crm:9"));
    CHECK_OK(ctx_write(&world.ctx, work_with_external, &again));
    CHECK_INT(3, again.version);
    CHECK_OK(read_partner(&world.ctx, made.id, &made));
    CHECK_INT(3, made.version);
    world_close(&world);
}

TEST(partner_externals, are_at_most_fifty)
{
    struct world world;
    char text[16];
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    for (int i = 0; i < LIMIT_EXTERNAL_IDS; i++) {
        snprintf(text, sizeof(text), "crm:%d", i);
        CHECK_OK(extern_partner(&world.ctx, partner_add_external, partner.id, text));
    }
    CHECK_ERR(ERR_TOO_LARGE,
              extern_partner(&world.ctx, partner_add_external, partner.id, "crm:more"));
    world_close(&world);
}

TEST(partner_set_externals, leaves_exactly_those)
{
    struct world world;
    struct partner_marks marks;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    struct partner other = add_partner(&world, "name=B", PARTNER_ACTIVE);
    CHECK_OK(extern_partner(&world.ctx, partner_add_external, partner.id, "crm:old"));
    CHECK_OK(extern_partner(&world.ctx, partner_add_external, other.id, "crm:taken"));
    const struct external_id wanted[] = {{STR("CRM"), STR("new")}};
    struct set_call call = {.id = partner.id, .externals = wanted, .count = 1};
    CHECK_OK(ctx_write(&world.ctx, work_set_externals, &call));
    const struct external_id taken[] = {{STR("crm"), STR("taken")}};
    call.externals = taken;
    CHECK_ERR(ERR_CONFLICT, ctx_write(&world.ctx, work_set_externals, &call));
    CHECK_OK(read_marks(&world.ctx, partner.id, &marks));
    CHECK_INT(1, marks.external_count);
    CHECK_STR("new", marks.externals[0].id);
    world_close(&world);
}

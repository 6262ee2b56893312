/* Tests of users and tokens: who may be made, changed and found. */
#include "src/account/account.h"

#include "src/core/audit.h"
#include "tests/support/test.h"
#include "tests/support/world.h"

/* ---- use cases as jobs ---- */

struct adding {
    struct user_draft draft;
    struct user user;
};

static enum err add(struct ctx *ctx, void *arg)
{
    struct adding *adding = arg;
    return user_add(ctx, &adding->draft, &adding->user);
}

static enum err try_add(struct world *world, const char *email, enum role role,
                        struct partner_id partner)
{
    struct adding adding = {
        .draft = {.email = str_from_c(email), .role = role, .partner = partner}};
    return ctx_write(world_as(world, ROLE_ADMIN), add, &adding);
}

static struct user added(struct world *world, const char *email, enum role role)
{
    struct adding adding = {.draft = {.email = str_from_c(email), .role = role}};
    CHECK_OK(ctx_write(world_as(world, ROLE_ADMIN), add, &adding));
    return adding.user;
}

struct changing {
    struct user_id id;
    int64_t version;
    struct user_change change;
    struct user user;
};

static enum err change(struct ctx *ctx, void *arg)
{
    struct changing *changing = arg;
    return user_update(ctx, changing->id, changing->version, &changing->change, &changing->user);
}

static enum err try_change(struct world *world, struct user_id id, struct user_change given)
{
    struct changing changing = {.id = id, .change = given};
    return ctx_write(world_as(world, ROLE_ADMIN), change, &changing);
}

struct finding {
    struct str text;
    struct user user;
};

static enum err find(struct ctx *ctx, void *arg)
{
    struct finding *finding = arg;
    return user_find(ctx, finding->text, &finding->user);
}

static enum err try_find(struct world *world, const char *text, struct user *ret_user)
{
    struct finding finding = {.text = str_from_c(text)};
    enum err err = ctx_read(world_as(world, ROLE_ADMIN), find, &finding);
    *ret_user = finding.user;
    return err;
}

/* ---- adding ---- */

TEST(user_add, keeps_the_address_in_lower_case_and_names_after_it)
{
    struct world world;
    struct user found;
    world_open(&world);
    struct user user = added(&world, " Eva.Huber@Example.COM ", ROLE_MANAGER);
    CHECK_STR("eva.huber@example.com", user.email);
    CHECK_STR("eva.huber@example.com", user.name);
    CHECK(!user.has_password);
    CHECK_INT(1, user.version);
    CHECK_OK(try_find(&world, "EVA.huber@example.com", &found));
    CHECK(user_id_equal(user.id, found.id));
    world_close(&world);
}

TEST(user_add, refuses_an_address_that_is_taken_or_none)
{
    struct world world;
    world_open(&world);
    added(&world, "eva@example.com", ROLE_MANAGER);
    CHECK_ERR(ERR_CONFLICT,
              try_add(&world, "EVA@example.com", ROLE_ANALYST, (struct partner_id){0}));
    CHECK_STR("email", str_from_c(world.ctx.fault.field));
    CHECK_ERR(ERR_INVALID, try_add(&world, "eva", ROLE_ANALYST, (struct partner_id){0}));
    CHECK_ERR(ERR_INVALID, try_add(&world, "", ROLE_ANALYST, (struct partner_id){0}));
    world_close(&world);
}

/* The directory that this noun cannot see, with the partner 5 in it. */
static enum err find_partner_five(struct ctx *ctx, struct str text, struct partner_id *ret_id)
{
    struct partner_id id;
    if (!partner_id_parse(text, &id) || id.v != 5)
        return CTX_FAULT(ctx, ERR_NOT_FOUND, "partner_not_found", "There is no such partner.");
    *ret_id = id;
    return OK;
}

TEST(user_add, ties_the_role_partner_to_a_partner_that_exists)
{
    struct world world;
    world_open(&world);
    world.services.find_partner = find_partner_five;
    CHECK_ERR(ERR_INVALID, try_add(&world, "a@example.com", ROLE_PARTNER, (struct partner_id){0}));
    CHECK_ERR(ERR_INVALID, try_add(&world, "a@example.com", ROLE_MANAGER, (struct partner_id){5}));
    CHECK_ERR(ERR_NOT_FOUND,
              try_add(&world, "a@example.com", ROLE_PARTNER, (struct partner_id){6}));
    CHECK_OK(try_add(&world, "a@example.com", ROLE_PARTNER, (struct partner_id){5}));
    world_close(&world);
}

/* ---- changing ---- */

TEST(user_update, keeps_the_last_administrator)
{
    struct world world;
    world_open(&world);
    struct user_change disable = {.disabled_given = true, .disabled = true};
    struct user_change demote = {.role_given = true, .role = ROLE_MANAGER};
    CHECK_ERR(ERR_CONFLICT, try_change(&world, world.admin, disable));
    CHECK_STR("last_administrator", str_from_c(world.ctx.fault.code));
    CHECK_ERR(ERR_CONFLICT, try_change(&world, world.admin, demote));
    struct user other = added(&world, "other@example.com", ROLE_ADMIN);
    CHECK_OK(try_change(&world, world.admin, disable));
    CHECK_ERR(ERR_CONFLICT, try_change(&world, other.id, demote));
    world_close(&world);
}

TEST(user_update, refuses_a_change_to_an_older_version)
{
    struct world world;
    world_open(&world);
    struct changing first = {
        .id = world.manager, .version = 1, .change = {.name_given = true, .name = STR("Maxi")}};
    CHECK_OK(ctx_write(world_as(&world, ROLE_ADMIN), change, &first));
    CHECK_INT(2, first.user.version);
    CHECK_STR("Maxi", first.user.name);
    CHECK_ERR(ERR_STALE, ctx_write(world_as(&world, ROLE_ADMIN), change, &first));
    world_close(&world);
}

TEST(user_update, makes_no_partner_of_staff_and_no_staff_of_a_partner)
{
    struct world world;
    world_open(&world);
    CHECK_ERR(ERR_INVALID,
              try_change(&world, world.manager,
                         (struct user_change){.role_given = true, .role = ROLE_PARTNER}));
    CHECK_OK(try_add(&world, "p@example.com", ROLE_PARTNER, (struct partner_id){5}));
    struct user partner;
    CHECK_OK(try_find(&world, "p@example.com", &partner));
    CHECK_ERR(ERR_INVALID,
              try_change(&world, partner.id,
                         (struct user_change){.role_given = true, .role = ROLE_ADMIN}));
    CHECK_ERR(ERR_INVALID, try_change(&world, world.manager,
                                      (struct user_change){.name_given = true, .name = STR(" ")}));
    world_close(&world);
}

/* ---- finding ---- */

TEST(user_find, takes_an_id_an_address_or_a_name_that_only_one_has)
{
    struct world world;
    struct user user;
    char id[ID_TEXT_MAX];
    world_open(&world);
    id_format("usr", world.manager.v, id);
    CHECK_OK(try_find(&world, id, &user));
    CHECK_OK(try_find(&world, "max manager", &user));
    CHECK(user_id_equal(world.manager, user.id));
    CHECK_ERR(ERR_NOT_FOUND, try_find(&world, "Nobody", &user));
    CHECK_ERR(ERR_NOT_FOUND, try_find(&world, "usr_0000000000001", &user));
    struct adding twin = {.draft = {.email = STR("max2@example.com"),
                                    .name = STR("Max Manager"),
                                    .role = ROLE_MANAGER}};
    CHECK_OK(ctx_write(world_as(&world, ROLE_ADMIN), add, &twin));
    CHECK_ERR(ERR_CONFLICT, try_find(&world, "Max Manager", &user));
    CHECK(str_find(str_from_c(world.ctx.fault.sentence), STR("max2@example.com"), NULL));
    world_close(&world);
}

static enum err check_manager(struct ctx *ctx, void *id)
{
    return user_check_manager(ctx, *(struct user_id *)id);
}

TEST(user_check_manager, takes_enabled_managers_and_administrators_only)
{
    struct world world;
    world_open(&world);
    struct user analyst = added(&world, "an@example.com", ROLE_ANALYST);
    CHECK_OK(ctx_read(world_as(&world, ROLE_ADMIN), check_manager, &world.manager));
    CHECK_OK(ctx_read(world_as(&world, ROLE_ADMIN), check_manager, &world.admin));
    CHECK_ERR(ERR_INVALID, ctx_read(world_as(&world, ROLE_ADMIN), check_manager, &analyst.id));
    CHECK_OK(try_change(&world, world.manager,
                        (struct user_change){.disabled_given = true, .disabled = true}));
    CHECK_ERR(ERR_INVALID, ctx_read(world_as(&world, ROLE_ADMIN), check_manager, &world.manager));
    world_close(&world);
}

/* ---- lists ---- */

struct listing {
    struct page page;
    struct user_page found;
};

static enum err list(struct ctx *ctx, void *arg)
{
    struct listing *listing = arg;
    return user_list(ctx, &listing->page, &listing->found);
}

static enum err list_managers(struct ctx *ctx, void *arg)
{
    struct listing *listing = arg;
    return user_list_managers(ctx, &listing->page, &listing->found);
}

TEST(user_list, gives_pages_by_address)
{
    struct world world;
    world_open(&world);
    added(&world, "zoe@example.com", ROLE_ANALYST);
    struct listing first = {.page = {.limit = 2}};
    CHECK_OK(ctx_read(world_as(&world, ROLE_ADMIN), list, &first));
    CHECK_INT(2, first.found.count);
    CHECK_STR(WORLD_ADMIN_EMAIL, first.found.rows[0].email);
    CHECK(first.found.next.len > 0);
    struct listing second = {.page = {.limit = 2, .after_text = STR(WORLD_MANAGER_EMAIL)}};
    CHECK_OK(ctx_read(world_as(&world, ROLE_ADMIN), list, &second));
    CHECK_INT(1, second.found.count);
    CHECK_STR("zoe@example.com", second.found.rows[0].email);
    CHECK_INT(0, second.found.next.len);
    world_close(&world);
}

TEST(user_list_managers, leaves_out_analysts_partners_and_the_disabled)
{
    struct world world;
    world_open(&world);
    added(&world, "an@example.com", ROLE_ANALYST);
    struct user gone = added(&world, "gone@example.com", ROLE_MANAGER);
    CHECK_OK(try_add(&world, "p@example.com", ROLE_PARTNER, (struct partner_id){5}));
    CHECK_OK(try_change(&world, gone.id,
                        (struct user_change){.disabled_given = true, .disabled = true}));
    struct listing listing = {.page = {.limit = 10}};
    CHECK_OK(ctx_read(world_as(&world, ROLE_ANALYST), list_managers, &listing));
    CHECK_INT(2, listing.found.count);
    CHECK_STR(WORLD_ADMIN_EMAIL, listing.found.rows[0].email);
    CHECK_STR(WORLD_MANAGER_EMAIL, listing.found.rows[1].email);
    world_close(&world);
}

/* ---- passwords ---- */

TEST(user_hash_password, refuses_short_long_and_well_known_ones)
{
    char long_password[PASSWORD_MAX_LEN + 1];
    struct world world;
    struct str hash;
    world_open(&world);
    struct ctx *ctx = world_as(&world, ROLE_ADMIN);
    memset(long_password, 'x', sizeof(long_password));
    CHECK_ERR(ERR_INVALID, user_hash_password(ctx, STR("123456789"), &hash));
    CHECK_STR("password", str_from_c(ctx->fault.field));
    CHECK_ERR(ERR_INVALID, user_hash_password(ctx, STR("PassWord123"), &hash));
    CHECK_ERR(ERR_INVALID,
              user_hash_password(ctx, (struct str){long_password, sizeof(long_password)}, &hash));
    CHECK_OK(user_hash_password(ctx, (struct str){long_password, PASSWORD_MAX_LEN}, &hash));
    CHECK(str_starts_with(hash, STR("$argon2id$")));
    world_close(&world);
}

TEST(user_generate_password, makes_another_good_one_each_time)
{
    struct world world;
    struct str hash;
    world_open(&world);
    struct ctx *ctx = world_as(&world, ROLE_ADMIN);
    struct str first = user_generate_password(ctx), second = user_generate_password(ctx);
    CHECK_INT(23, first.len);
    CHECK(!str_equal(first, second));
    CHECK_OK(user_hash_password(ctx, first, &hash));
    world_close(&world);
}

/* ---- history ---- */

static enum err read_history(struct ctx *ctx, void *arg)
{
    struct page page = {.limit = 50};
    return audit_list(ctx, (struct partner_id){0}, &page, arg);
}

TEST(user_add, leaves_an_entry_without_the_hash)
{
    struct world world;
    struct audit_page history;
    world_open(&world);
    struct adding adding = {.draft = {.email = STR("eva@example.com"),
                                      .role = ROLE_MANAGER,
                                      .hash = STR("$argon2id$secret")}};
    CHECK_OK(ctx_write(world_as(&world, ROLE_ADMIN), add, &adding));
    CHECK_OK(ctx_read(world_as(&world, ROLE_ADMIN), read_history, &history));
    CHECK_INT(1, history.count);
    CHECK_STR("created", history.rows[0].action);
    CHECK_INT(adding.user.id.v, history.rows[0].subject_id);
    CHECK(str_find(history.rows[0].changes_json, STR("eva@example.com"), NULL));
    CHECK(!str_find(history.rows[0].changes_json, STR("secret"), NULL));
    world_close(&world);
}

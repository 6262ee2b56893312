/* Checks of partners' domains against name servers of ours: what is kept, told, filled, proven. */
#include "src/domain/domain.h"

#include <pthread.h>
#include <time.h>

#include "src/domain/domain_store.h"
#include "tests/support/hostile_dns.h"
#include "tests/support/test.h"
#include "tests/support/world.h"

struct scene {
    struct world world;
    struct hostile_dns *server; /* the root, and everybody else's name server */
    struct partner_id partner;
    struct domain_settings settings;
    struct domain_case opened;
    struct domain_finding *finding;
    struct domain_state state;
    struct domain_proof proof;
    struct domain_change_page changes;
};

static enum err set_up(struct ctx *ctx, void *arg)
{
    struct scene *scene = arg;
    struct partner_change change = {.version = 0};
    struct partner partner;
    struct dns_address root = hostile_dns_address(scene->server);
    struct domain_settings settings = {
        .watch = true,
        .allow_private = true,
        .every_hours = 24,
        .port = root.port,
        .roots = {root},
        .root_count = 1,
    };
    change.fields[PARTNER_NAME].given = change.fields[PARTNER_DOMAIN].given = true;
    change.fields[PARTNER_NAME].text = STR("Shop");
    change.fields[PARTNER_DOMAIN].text = STR("shop.test");
    TRY(partner_create(ctx, &change, PARTNER_ACTIVE, 0, &partner));
    scene->partner = partner.id;
    return domain_settings_set(ctx, &settings, &scene->settings);
}

static void open_scene(struct scene *scene, enum hostile_way way)
{
    world_open(&scene->world);
    scene->server = hostile_dns_start(way, "127.0.0.1", 0);
    CHECK_OK(ctx_write(world_as(&scene->world, ROLE_ADMIN), set_up, scene));
}

static void close_scene(struct scene *scene)
{
    world_close(&scene->world);
    hostile_dns_stop(scene->server);
}

static enum err open_case(struct ctx *ctx, void *arg)
{
    struct scene *scene = arg;
    return domain_case_open(ctx, scene->partner, false, &scene->opened);
}

static enum err record(struct ctx *ctx, void *arg)
{
    struct scene *scene = arg;
    TRY(domain_record(ctx, &scene->opened, scene->finding, true));
    TRY(domain_state_get(ctx, scene->partner, &scene->state));
    return domain_proof_get(ctx, scene->partner, &scene->proof);
}

static void check(struct scene *scene)
{
    struct ctx *ctx = world_as(&scene->world, ROLE_MANAGER);
    CHECK_OK(ctx_read(ctx, open_case, scene));
    domain_check_now(ctx, &scene->settings, &scene->opened.request, &scene->finding);
    CHECK_OK(ctx_write(world_as(&scene->world, ROLE_MANAGER), record, scene));
}

static enum err read_changes(struct ctx *ctx, void *arg)
{
    struct scene *scene = arg;
    struct page page = {.limit = 10};
    return domain_changes(ctx, scene->partner, &page, &scene->changes);
}

static size_t changes_of(struct scene *scene)
{
    CHECK_OK(ctx_read(world_as(&scene->world, ROLE_MANAGER), read_changes, scene));
    return scene->changes.count;
}

/* ---- checks ---- */

TEST(domain, that_is_in_order_is_healthy_and_kept)
{
    struct scene scene = {0};
    open_scene(&scene, HOSTILE_HONEST);
    check(&scene);
    CHECK_INT(DOMAIN_HEALTHY, scene.finding->verdict);
    CHECK(scene.state.is_checked);
    CHECK_STR("ns1.shop.test", scene.state.name_servers);
    CHECK_INT(1, scene.finding->mail_count);
    CHECK_STR("mail.shop.test", scene.finding->mail[0].host);
    CHECK(str_find(scene.state.finding_json, STR("\"verdict\":\"healthy\""), NULL));
    CHECK_INT(1, changes_of(&scene));
    CHECK_INT(0, scene.state.alarms);
    check(&scene);
    CHECK_INT(1, changes_of(&scene)); /* nothing new */
    close_scene(&scene);
}

TEST(domain, that_is_gone_raises_an_alarm_until_somebody_has_seen_it)
{
    struct scene scene = {0};
    open_scene(&scene, HOSTILE_NO_NAME);
    check(&scene);
    CHECK_INT(DOMAIN_NO_SUCH_DOMAIN, scene.state.verdict);
    CHECK_INT(DOMAIN_ALARM_VERDICT, scene.state.alarms);
    CHECK(str_find(scene.state.alarm_sentence, STR("does not exist"), NULL));
    close_scene(&scene);
}

TEST(domain, is_not_asked_for_at_private_addresses_unless_that_is_allowed)
{
    struct scene scene = {0};
    open_scene(&scene, HOSTILE_HONEST);
    scene.settings.allow_private = false;
    check(&scene);
    CHECK_INT(DOMAIN_UNREACHABLE, scene.state.verdict);
    CHECK_INT(0, hostile_dns_questions(scene.server));
    close_scene(&scene);
}

struct reading {
    const struct domain_settings *settings;
    const char *domain, *server;
    struct domain_request request;
};

static enum err read_request(struct ctx *ctx, void *arg)
{
    struct reading *reading = arg;
    return domain_request_read(ctx, reading->settings, str_from_c(reading->domain),
                               str_from_c(reading->server), &reading->request);
}

TEST(domain_request, is_refused_with_the_field_that_is_wrong)
{
    static const struct {
        const char *domain, *server, *field;
    } bad[] = {{"", "", "domain"},
               {"shop", "", "domain"},
               {"a b.test", "", "domain"},
               {"shop.test", "ns", "server"},
               {"shop.test", "1.2.3.4:99", "server"},
               {"shop.test", "ns1.test:53", "server"},
               {"192.0.2.1/8", "", "domain"}};
    struct world world;
    struct domain_settings settings = {.port = 53};
    world_open(&world);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct reading reading = {&settings, bad[i].domain, bad[i].server, {.is_fresh = false}};
        struct ctx *ctx = world_as(&world, ROLE_MANAGER);
        CHECK_ERR(ERR_INVALID, ctx_read(ctx, read_request, &reading));
        CHECK_STR(bad[i].field, str_from_c(ctx->fault.field));
    }
    struct reading good = {&settings,
                           "B\xc3\xbc"
                           "cher.Example.",
                           "[2001:4860::1]:53",
                           {.is_fresh = false}};
    CHECK_OK(ctx_read(world_as(&world, ROLE_MANAGER), read_request, &good));
    CHECK_STR("xn--bcher-kva.example", good.request.domain);
    world_close(&world);
}

/* ---- hostile servers ---- */

struct asking {
    struct domain_ask ask;
    struct arena arena;
    char server[DNS_ADDRESS_TEXT_MAX];
    struct hostile_dns *hostile;
    pthread_mutex_t *lock;
    int *left;
};

static void answered(struct domain_ask *ask)
{
    struct asking *asking = ask->self;
    pthread_mutex_lock(asking->lock);
    --*asking->left;
    pthread_mutex_unlock(asking->lock);
}

static bool is_left(struct asking *asking)
{
    pthread_mutex_lock(asking->lock);
    bool left = *asking->left > 0;
    pthread_mutex_unlock(asking->lock);
    return left;
}

static bool is_sound(int way)
{
    return way == HOSTILE_HONEST || way == HOSTILE_LATE || way == HOSTILE_TRUNCATES ||
           way == HOSTILE_NO_EDNS || way == HOSTILE_CNAME_LOOP;
}

TEST(domain, at_a_server_that_misbehaves_gets_a_verdict_in_bounded_time)
{
    enum { WAIT_MS = 120000 };
    static struct asking askings[HOSTILE_WAYS];
    struct scene scene = {0};
    struct timespec pause = {0, 20000000};
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    int left = HOSTILE_WAYS;
    open_scene(&scene, HOSTILE_HONEST);
    struct domain_service *service = domain_service_new(&scene.world.services, false);
    for (int way = 0; way < HOSTILE_WAYS; way++) {
        struct asking *asking = &askings[way];
        char address[DNS_ADDRESS_TEXT_MAX];
        snprintf(address, sizeof(address), "127.0.1.%d", way + 1);
        snprintf(asking->server, sizeof(asking->server), "%s", address);
        asking->hostile =
            hostile_dns_start((enum hostile_way)way, address, (uint16_t)scene.settings.port);
        asking->lock = &lock;
        asking->left = &left;
        arena_init(&asking->arena, 8 * 1024 * 1024);
        asking->ask = (struct domain_ask){
            .settings = scene.settings,
            .request = {.domain = STR("shop.test"),
                        .server = str_from_c(asking->server),
                        .challenge = STR("x")},
            .arena = &asking->arena,
            .done = answered,
            .self = asking,
        };
        domain_service_ask(service, &asking->ask);
    }
    int64_t began_ms = monotonic_ms();
    while (is_left(&askings[0]) && monotonic_ms() - began_ms < WAIT_MS)
        nanosleep(&pause, NULL);
    CHECK(!is_left(&askings[0]));
    for (int way = 0; way < HOSTILE_WAYS; way++) {
        const struct domain_finding *finding = askings[way].ask.finding;
        CHECK(finding);
        bool is_bad = finding->verdict == DOMAIN_LAME || finding->verdict == DOMAIN_UNREACHABLE;
        if (is_sound(way) == is_bad)
            test_fail(__FILE__, __LINE__, "way %d is %s", way,
                      domain_verdict_names[finding->verdict]);
    }
    domain_service_free(service);
    for (int way = 0; way < HOSTILE_WAYS; way++) {
        hostile_dns_stop(askings[way].hostile);
        arena_finish(&askings[way].arena);
    }
    close_scene(&scene);
}

/* ---- filling ---- */

static enum err fill(struct ctx *ctx, void *arg)
{
    struct scene *scene = arg;
    bool changed;
    TRY(domain_fill(ctx, scene->partner, scene->finding, true, &changed));
    TRY(partner_get(ctx, scene->partner, &scene->opened.partner));
    return changed ? OK : ERR_NOT_FOUND;
}

TEST(domain, fills_what_is_empty_in_the_record_and_nothing_else)
{
    struct scene scene = {0};
    open_scene(&scene, HOSTILE_HONEST);
    check(&scene);
    CHECK_OK(ctx_write(world_as(&scene.world, ROLE_MANAGER), fill, &scene));
    CHECK_STR("ns1.shop.test", scene.opened.partner.fields[PARTNER_PRIMARY_DNS]);
    scene.finding->primary_dns = STR("ns9.shop.test");
    CHECK_ERR(ERR_NOT_FOUND, ctx_write(world_as(&scene.world, ROLE_MANAGER), fill, &scene));
    close_scene(&scene);
}

/* ---- proof ---- */

static enum err begin_proof(struct ctx *ctx, void *arg)
{
    struct scene *scene = arg;
    return domain_proof_begin(ctx, scene->partner, &scene->proof);
}

static void begin(struct scene *scene)
{
    CHECK_OK(ctx_write(world_as(&scene->world, ROLE_MANAGER), begin_proof, scene));
}

static void publish(struct scene *scene, struct str text)
{
    char plain[200];
    snprintf(plain, sizeof(plain), "%.*s", STR_ARG(text));
    hostile_dns_set_text(scene->server, plain);
}

TEST(domain_proof, holds_once_its_text_stands_at_the_name_servers)
{
    struct scene scene = {0};
    open_scene(&scene, HOSTILE_HONEST);
    begin(&scene);
    CHECK_INT(DOMAIN_PROOF_PENDING, scene.proof.state);
    CHECK_STR("_rapport-challenge.shop.test", scene.proof.record_name);
    CHECK_INT(strlen("rapport-verification=") + 32, scene.proof.record_text.len); /* 128 bits */
    check(&scene);
    CHECK_INT(DOMAIN_PROOF_PENDING, scene.proof.state);
    publish(&scene, STR("rapport-verification=00000000000000000000000000000000"));
    check(&scene);
    CHECK_INT(DOMAIN_PROOF_PENDING, scene.proof.state);
    publish(&scene, scene.proof.record_text);
    check(&scene);
    CHECK_INT(DOMAIN_PROOF_VERIFIED, scene.proof.state);
    CHECK(scene.state.verified_ms > 0);
    CHECK_INT(2, changes_of(&scene));
    CHECK(scene.changes.rows[0].kinds == DOMAIN_ALARM_OWNER);
    close_scene(&scene);
}

TEST(domain_proof, is_lost_when_its_text_is_gone_for_three_days_but_not_before)
{
    struct scene scene = {0};
    open_scene(&scene, HOSTILE_HONEST);
    begin(&scene);
    publish(&scene, scene.proof.record_text);
    check(&scene);
    publish(&scene, STR(""));
    check(&scene);
    CHECK_INT(DOMAIN_PROOF_VERIFIED, scene.proof.state);
    CHECK(scene.proof.missing_since_ms > 0);
    world_set_now(&scene.world, WORLD_START_MS + 3 * (int64_t)MS_PER_DAY - 1);
    check(&scene);
    CHECK_INT(DOMAIN_PROOF_VERIFIED, scene.proof.state);
    world_set_now(&scene.world, WORLD_START_MS + 3 * (int64_t)MS_PER_DAY);
    check(&scene);
    CHECK_INT(DOMAIN_PROOF_LOST, scene.proof.state);
    CHECK_INT(DOMAIN_ALARM_OWNER, scene.state.alarms);
    CHECK_INT(0, scene.state.verified_ms);
    close_scene(&scene);
}

TEST(domain_proof, expires_and_a_new_one_ends_it)
{
    struct scene scene = {0};
    open_scene(&scene, HOSTILE_HONEST);
    begin(&scene);
    struct str old = scene.proof.record_text;
    world_set_now(&scene.world, WORLD_START_MS + DOMAIN_PROOF_DAYS * (int64_t)MS_PER_DAY);
    publish(&scene, old);
    check(&scene);
    CHECK_INT(DOMAIN_PROOF_EXPIRED, scene.proof.state);
    begin(&scene);
    CHECK(!str_equal(old, scene.proof.record_text));
    check(&scene); /* the old text is worth nothing any more */
    CHECK_INT(DOMAIN_PROOF_PENDING, scene.proof.state);
    close_scene(&scene);
}

static enum err add_twin(struct ctx *ctx, void *arg)
{
    struct scene *scene = arg;
    struct partner_change change = {.version = 0};
    struct partner partner;
    change.fields[PARTNER_NAME].given = change.fields[PARTNER_DOMAIN].given = true;
    change.fields[PARTNER_NAME].text = STR("Twin");
    change.fields[PARTNER_DOMAIN].text = STR("shop.test");
    TRY(partner_create(ctx, &change, PARTNER_ACTIVE, 0, &partner));
    return domain_proof_begin(ctx, partner.id, &scene->proof);
}

TEST(domain_proof, is_one_partners_only)
{
    struct scene scene = {0};
    open_scene(&scene, HOSTILE_HONEST);
    begin(&scene);
    publish(&scene, scene.proof.record_text);
    check(&scene);
    CHECK_ERR(ERR_CONFLICT, ctx_write(world_as(&scene.world, ROLE_MANAGER), add_twin, &scene));
    close_scene(&scene);
}

/* ---- rights ---- */

static enum err read_state(struct ctx *ctx, void *arg)
{
    struct scene *scene = arg;
    return domain_state_get(ctx, scene->partner, &scene->state);
}

TEST(domain, is_shown_to_its_own_partner_only)
{
    struct scene scene = {0};
    open_scene(&scene, HOSTILE_HONEST);
    struct partner_id other = {scene.partner.v + 1};
    CHECK_OK(ctx_read(world_as_partner(&scene.world, scene.partner), read_state, &scene));
    CHECK_ERR(ERR_NOT_FOUND, ctx_read(world_as_partner(&scene.world, other), read_state, &scene));
    CHECK_ERR(ERR_NOT_FOUND, ctx_read(world_as_partner(&scene.world, other), read_changes, &scene));
    close_scene(&scene);
}

/* ---- the watch and runs ---- */

static bool wait_for_run(struct domain_service *service, struct domain_run *run)
{
    struct timespec pause = {0, 10000000};
    for (int i = 0; i < 6000; i++) {
        domain_run_get(service, run);
        if (!run->is_running)
            return true;
        nanosleep(&pause, NULL);
    }
    return false;
}

enum { MANY = 300 };

struct many {
    struct scene *scene;
    struct partner_id *ids;
    size_t count;
    struct domain_service *service;
};

static enum err add_many(struct ctx *ctx, void *arg)
{
    (void)arg;
    for (int i = 0; i < MANY; i++) {
        struct partner_change change = {.version = 0};
        struct partner partner;
        change.fields[PARTNER_NAME].given = change.fields[PARTNER_DOMAIN].given = true;
        change.fields[PARTNER_NAME].text = arena_format(ctx->arena, "Shop %d", i);
        change.fields[PARTNER_DOMAIN].text = arena_format(ctx->arena, "shop%d.test", i);
        TRY(partner_create(ctx, &change, PARTNER_ACTIVE, 0, &partner));
    }
    return OK;
}

static enum err start_run(struct ctx *ctx, void *arg)
{
    struct many *many = arg;
    TRY(domain_run_list(ctx, false, &many->ids, &many->count));
    TRY(domain_run_start(ctx, many->service, many->ids, many->count));
    return domain_run_start(ctx, many->service, many->ids, 1) == ERR_CONFLICT ? OK : ERR_INTERNAL;
}

static enum err summarise(struct ctx *ctx, void *arg)
{
    return domain_summarise(ctx, arg);
}

TEST(domain_run, checks_all_partners_side_by_side_and_keeps_what_it_finds)
{
    struct scene scene = {0};
    struct many many = {.scene = &scene};
    struct domain_run run;
    struct domain_summary summary;
    open_scene(&scene, HOSTILE_HONEST);
    CHECK_OK(ctx_write(world_as(&scene.world, ROLE_ADMIN), add_many, NULL));
    many.service = domain_service_new(&scene.world.services, false);
    CHECK_OK(ctx_read(world_as(&scene.world, ROLE_MANAGER), start_run, &many));
    CHECK(wait_for_run(many.service, &run));
    CHECK_INT(MANY + 1, run.done);
    CHECK_INT(MANY + 1, run.verdicts[DOMAIN_HEALTHY]);
    domain_service_free(many.service);
    CHECK_OK(ctx_read(world_as(&scene.world, ROLE_MANAGER), summarise, &summary));
    CHECK_INT(MANY + 1, summary.verdicts[DOMAIN_HEALTHY]);
    CHECK_INT(0, summary.unchecked);
    close_scene(&scene);
}

TEST(domain_run, that_is_stopped_or_cut_off_ends)
{
    struct scene scene = {0};
    struct many many = {.scene = &scene};
    struct domain_run run;
    open_scene(&scene, HOSTILE_SILENT);
    CHECK_OK(ctx_write(world_as(&scene.world, ROLE_ADMIN), add_many, NULL));
    many.service = domain_service_new(&scene.world.services, false);
    CHECK_OK(ctx_read(world_as(&scene.world, ROLE_MANAGER), start_run, &many));
    domain_run_stop(many.service);
    CHECK(wait_for_run(many.service, &run));
    CHECK(run.done < MANY);
    CHECK_OK(ctx_read(world_as(&scene.world, ROLE_MANAGER), start_run, &many));
    domain_service_free(many.service); /* in the middle of it */
    close_scene(&scene);
}

TEST(domain_watch, checks_active_partners_by_itself)
{
    struct scene scene = {0};
    struct timespec pause = {0, 50000000};
    open_scene(&scene, HOSTILE_HONEST);
    struct domain_service *service = domain_service_new(&scene.world.services, true);
    for (int i = 0; i < 600 && !scene.state.is_checked; i++) {
        nanosleep(&pause, NULL);
        CHECK_OK(ctx_read(world_as(&scene.world, ROLE_MANAGER), read_state, &scene));
    }
    CHECK(scene.state.is_checked);
    CHECK_INT(DOMAIN_HEALTHY, scene.state.verdict);
    CHECK(scene.state.next_ms > WORLD_START_MS);
    domain_service_free(service);
    close_scene(&scene);
}

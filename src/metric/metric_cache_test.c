/* What is kept of reports, with many readers beside a writer. */
#include <pthread.h>
#include <stdatomic.h>

#include "lib/base/parse.h"
#include "src/metric/metric_cache.h"
#include "src/metric/metric_test.h"

enum { READERS = 3, ORDERS = 60, ARENA_BYTES = 16 * 1024 * 1024 };

struct race {
    struct stage stage;
    atomic_int acknowledged; /* orders on disk */
    atomic_int stale;        /* reports that did not show them */
    atomic_int read;
    atomic_bool over;
};

/* "number":"12" of the sales orders, which come first. */
static int64_t orders_in(struct str json)
{
    static const char member[] = "\"sales_orders\":{\"number\":\"";
    size_t at, end;
    int64_t number;
    if (!str_find(json, str_from_c(member), &at))
        return 0;
    struct str rest = str_slice(json, at + sizeof(member) - 1, json.len);
    return str_find_char(rest, '"', &end) && parse_int64(str_slice(rest, 0, end), 0, 1000, &number)
               ? number
               : -1;
}

static void *read_on(void *arg)
{
    struct race *race = arg;
    struct metric_days days = {.from_given = false};
    while (!atomic_load(&race->over)) {
        struct arena arena;
        struct ctx ctx;
        struct str json = {NULL, 0};
        int acknowledged = atomic_load(&race->acknowledged);
        arena_init(&arena, ARENA_BYTES);
        ctx_init(&ctx, &race->stage.world.services, &arena);
        ctx.actor = (struct actor){.role = ROLE_ANALYST, .scopes = SCOPES_ALL};
        if (metric_report_json(&ctx, race->stage.partners[0], &days, &json) != OK ||
            orders_in(json) < acknowledged)
            atomic_fetch_add(&race->stale, 1);
        atomic_fetch_add(&race->read, 1);
        arena_finish(&arena);
    }
    return NULL;
}

TEST(metric_report_json, never_shows_less_than_what_was_acknowledged)
{
    static struct race race;
    pthread_t threads[READERS];
    stage_open(&race.stage);
    atomic_init(&race.acknowledged, 0);
    for (int i = 0; i < READERS; i++)
        CHECK(pthread_create(&threads[i], NULL, read_on, &race) == 0);
    for (int i = 0; i < ORDERS; i++) {
        struct fact_draft draft = stage_fact(&race.stage, FACT_ORDER);
        stage_record(&race.stage, &draft);
        atomic_fetch_add(&race.acknowledged, 1);
    }
    while (atomic_load(&race.read) < ORDERS)
        ;
    atomic_store(&race.over, true);
    for (int i = 0; i < READERS; i++)
        pthread_join(threads[i], NULL);
    stage_close(&race.stage);
    CHECK_INT(0, atomic_load(&race.stale));
}

/* ---- the table itself ---- */

static struct report_key key_of(int64_t partner)
{
    return (struct report_key){.partner = partner};
}

static bool take(struct metrics *metrics, int64_t partner, struct report_stamp now)
{
    struct arena arena;
    struct report_key key = key_of(partner);
    struct str json;
    arena_init(&arena, 1024);
    bool taken = metric_cache_take(metrics, &key, &now, &arena, &json);
    arena_finish(&arena);
    return taken;
}

static void keep(struct metrics *metrics, int64_t partner, struct report_stamp stamp)
{
    static const char text[1000];
    struct report_key key = key_of(partner);
    metric_cache_keep(metrics, &key, &stamp, (struct str){text, sizeof(text)});
}

TEST(metric_cache, forgets_the_least_recently_used_when_it_is_full)
{
    struct metrics *metrics = metrics_new(4000);
    struct report_stamp stamp = {.until_ms = 100}, now = {.until_ms = 1};
    keep(metrics, 1, stamp);
    keep(metrics, 2, stamp);
    keep(metrics, 3, stamp);
    CHECK(take(metrics, 1, now));
    keep(metrics, 4, stamp);
    CHECK(!take(metrics, 2, now));
    CHECK(take(metrics, 1, now));
    CHECK(take(metrics, 3, now));
    CHECK(take(metrics, 4, now));
    metrics_free(metrics);
}

TEST(metric_cache, gives_nothing_that_is_over_or_was_made_at_another_mark)
{
    struct metrics *metrics = metrics_new(100000);
    struct report_stamp stamp = {.mark = {5, 6, 7}, .until_ms = 100};
    keep(metrics, 1, stamp);
    struct report_stamp now = {.mark = {5, 6, 7}, .until_ms = 99};
    CHECK(take(metrics, 1, now));
    now.until_ms = 100;
    CHECK(!take(metrics, 1, now));
    for (int i = 0; i < 3; i++) {
        now = (struct report_stamp){.mark = {5 + (i == 0), 6 + (i == 1), 7 + (i == 2)}};
        keep(metrics, 1, stamp);
        CHECK(!take(metrics, 1, now));
    }
    metrics_free(metrics);
}

TEST(metric_cache, keeps_nothing_that_is_larger_than_all_of_it)
{
    struct metrics *metrics = metrics_new(500);
    struct report_stamp stamp = {.until_ms = 100}, now = {.until_ms = 1};
    keep(metrics, 1, stamp);
    CHECK(!take(metrics, 1, now));
    CHECK(!take(NULL, 1, now));
    metrics_free(metrics);
}

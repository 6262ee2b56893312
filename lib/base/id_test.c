/* Tests of ids. */
#include <pthread.h>

#include "lib/base/id.h"
#include "tests/support/test.h"

ID_TYPE(thing, "thg")

static int64_t told_ms(void *self)
{
    return *(const int64_t *)self;
}

/* 2026-05-31T12:00:00Z */
static const int64_t noon_ms = INT64_C(1780228800000);
enum { ARENA_BYTES = 4096 };

TEST(id_next, grows_and_holds_the_instant)
{
    int64_t now_ms = noon_ms;
    struct clock clock = {told_ms, &now_ms};
    struct id_source *source = id_source_new(&clock, ID_NODE_MAX);
    int64_t first = id_next(source), second = id_next(source);
    now_ms += 1;
    int64_t third = id_next(source);
    id_source_free(source);
    CHECK(first > 0 && first < second && second < third);
    CHECK_INT(noon_ms, id_time_ms(first));
    CHECK_INT(noon_ms, id_time_ms(second));
    CHECK_INT(noon_ms + 1, id_time_ms(third));
}

TEST(id_next, never_repeats_when_the_clock_steps_back_or_a_millisecond_is_full)
{
    int64_t now_ms = noon_ms;
    struct clock clock = {told_ms, &now_ms};
    struct id_source *source = id_source_new(&clock, 0);
    int64_t last = id_next(source);
    bool grew = true;
    for (int i = 0; i < 10000; i++) {
        now_ms = noon_ms - i;
        int64_t next = id_next(source);
        grew = grew && next > last;
        last = next;
    }
    id_source_free(source);
    CHECK(grew);
    CHECK_INT(noon_ms + 2, id_time_ms(last));
}

TEST(id_next, never_meets_the_ids_of_another_node)
{
    int64_t now_ms = noon_ms;
    struct clock clock = {told_ms, &now_ms};
    struct id_source *one = id_source_new(&clock, 1), *two = id_source_new(&clock, 2);
    int64_t last_of_one = 0;
    for (int i = 0; i < 4096; i++)
        last_of_one = id_next(one);
    int64_t first_of_two = id_next(two);
    id_source_free(one);
    id_source_free(two);
    CHECK(last_of_one < first_of_two);
    CHECK_INT(id_time_ms(last_of_one), id_time_ms(first_of_two));
}

TEST(id_next, is_positive_with_a_clock_before_the_epoch)
{
    int64_t now_ms = 0;
    struct clock clock = {told_ms, &now_ms};
    struct id_source *source = id_source_new(&clock, 0);
    int64_t first = id_next(source), second = id_next(source);
    id_source_free(source);
    CHECK(first > 0 && second > first);
}

enum { THREADS = 4, IDS_EACH = 20000 };

struct taker {
    struct id_source *source;
    int64_t ids[IDS_EACH];
};

static void *take_ids(void *argument)
{
    struct taker *taker = argument;
    for (int i = 0; i < IDS_EACH; i++)
        taker->ids[i] = id_next(taker->source);
    return NULL;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

TEST(id_next, gives_threads_different_ids)
{
    struct clock clock = clock_system();
    struct id_source *source = id_source_new(&clock, 3);
    struct taker *takers = calloc(THREADS, sizeof(*takers));
    int64_t *all = calloc(THREADS * IDS_EACH, sizeof(*all));
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        takers[i].source = source;
        pthread_create(&threads[i], NULL, take_ids, &takers[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        memcpy(all + (ptrdiff_t)i * IDS_EACH, takers[i].ids, sizeof(takers[i].ids));
    }
    qsort(all, THREADS * IDS_EACH, sizeof(*all), compare_ids);
    int repeated = 0;
    for (size_t i = 1; i < (size_t)THREADS * IDS_EACH; i++)
        repeated += all[i] == all[i - 1];
    free(all);
    free(takers);
    id_source_free(source);
    CHECK_INT(0, repeated);
}

TEST(id_floor, divides_earlier_ids_from_later_ones)
{
    int64_t now_ms = noon_ms;
    struct clock clock = {told_ms, &now_ms};
    struct id_source *source = id_source_new(&clock, 0);
    int64_t id = id_next(source);
    id_source_free(source);
    CHECK(id >= id_floor(noon_ms));
    CHECK(id < id_floor(noon_ms + 1));
    CHECK_INT(0, id_floor(0));
    CHECK_INT(0, id_floor(TIME_MIN_MS));
    CHECK(id_floor(TIME_MAX_MS) == INT64_MAX);
}

TEST(id_parse, reads_back_what_was_written_in_any_case)
{
    static const int64_t ids[] = {1, 31, 32, INT64_C(0x0123456789ABCDEF), INT64_MAX};
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        char text[ID_TEXT_MAX];
        int64_t id = 0;
        id_format("ptn", ids[i], text);
        CHECK_INT(17, strlen(text));
        CHECK(id_parse("ptn", str_from_c(text), &id));
        CHECK_INT(ids[i], id);
    }
    int64_t id = 0;
    CHECK(id_parse("ptn", STR("PTN_000000000000Z"), &id));
    CHECK_INT(31, id);
}

TEST(id_parse, refuses_what_is_not_exact_and_leaves_the_output)
{
    static const struct str bad[] = {
        STR_INIT(""),
        STR_INIT("ptn"),
        STR_INIT("ptn_"),
        STR_INIT("usr_0000000000001"),
        STR_INIT("ptn-0000000000001"),
        STR_INIT("ptn_000000000001"),
        STR_INIT("ptn_00000000000001"),
        STR_INIT(" ptn_0000000000001"),
        STR_INIT("ptn_0000000000001 "),
        STR_INIT("ptn_000000000000i"),
        STR_INIT("ptn_000000000000l"),
        STR_INIT("ptn_000000000000o"),
        STR_INIT("ptn_000000000000u"),
        STR_INIT("ptn_000000000000\0"),
        STR_INIT("ptn_0000000000000"),
        STR_INIT("ptn_8000000000000"),
        STR_INIT("ptn_zzzzzzzzzzzzz"),
    };
    int64_t id = 42;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        CHECK(!id_parse("ptn", bad[i], &id));
    CHECK_INT(42, id);
}

TEST(id_type, prints_with_its_prefix_and_parses_no_other)
{
    struct arena arena;
    struct buf buf;
    struct thing_id id = {5}, read = {0};
    arena_init(&arena, ARENA_BYTES);
    buf_init(&buf, &arena, ID_TEXT_MAX);
    thing_id_render(id, &buf);
    CHECK_STR("thg_0000000000005", buf_str(&buf));
    CHECK_STR("thg_0000000000005", thing_id_text(id, &arena));
    CHECK(!thing_id_is_set(read));
    CHECK(thing_id_parse(buf_str(&buf), &read));
    CHECK(thing_id_is_set(read) && thing_id_equal(id, read));
    CHECK(!thing_id_parse(STR("ptn_0000000000005"), &read));
    arena_finish(&arena);
}
